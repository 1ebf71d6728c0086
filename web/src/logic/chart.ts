// A line chart's geometry: round limits, gaps that stay gaps, ticks.

export type Point = readonly [number, number];

export interface ChartGeometry {
    low: number;
    high: number;
    x(at: number): number;
    y(value: number): number;
    /// One path per unbroken run.
    path: string;
}

/// Limits that end on a round step and leave the line off the edges.
export function roundLimits(low: number, high: number): [number, number] {
    const span = Math.max(high - low, Math.abs(high) * 0.02, 0.5);
    const power = 10 ** Math.floor(Math.log10(span / 2));
    const step = [1, 2, 5, 10].map((factor) => factor * power).find((value) => span / value <= 4) ?? power * 10;
    const from = Math.floor((low - span * 0.06) / step) * step;
    const to = Math.ceil((high + span * 0.06) / step) * step;
    return [from, to];
}

/// Time between points beyond which the line is broken: four usual steps.
export function gapAfter(points: readonly Point[]): number {
    if (points.length < 3) return Infinity;
    const steps = points.slice(1).map((point, index) => point[0] - (points[index] as Point)[0]);
    steps.sort((one, two) => one - two);
    return 4 * (steps[Math.floor(steps.length / 2)] as number);
}

export function chartGeometry(points: readonly Point[], from: number, to: number, width: number, height: number, limit?: number): ChartGeometry {
    const values = points.map((point) => point[1]);
    if (limit !== undefined) values.push(limit);
    const [low, high] = values.length > 0 ? roundLimits(Math.min(...values), Math.max(...values)) : [0, 1];
    const x = (at: number) => ((at - from) / Math.max(1, to - from)) * width;
    const y = (value: number) => height - ((value - low) / Math.max(1e-9, high - low)) * height;
    const gap = gapAfter(points);
    let path = "";
    let before = -Infinity;
    for (const [at, value] of points) {
        path += `${at - before > gap || path === "" ? "M" : "L"}${x(at).toFixed(1)} ${y(value).toFixed(1)}`;
        before = at;
    }
    return { low, high, x, y, path };
}

export function nearest(points: readonly Point[], at: number): Point | undefined {
    let found: Point | undefined;
    for (const point of points) if (!found || Math.abs(point[0] - at) < Math.abs(found[0] - at)) found = point;
    return found;
}
