// Time to pixels, linear or with one break for a cause that is days older than the rest, and round ticks.

export interface TimeScale {
    x(at: number): number;
    /// Instant at a pixel of the main part.
    at(x: number): number;
    /// Left edge of the main part.
    left: number;
    right: number;
    /// The old part, when there is one.
    old?: { left: number; right: number; from: number; to: number };
}

export interface ScaleInput {
    times: readonly number[];
    now: number;
    left: number;
    right: number;
    /// Pixels kept free right of the newest instant, for its label.
    reserve: number;
    zoom?: readonly [number, number] | undefined;
}

const hour = 3_600_000;
const oldWidth = 92;

/// The gap worth breaking: over 12 h and more than four times all the rest together.
function breakIndex(times: readonly number[]): number {
    let best = -1;
    let longest = 0;
    for (let index = 1; index < times.length; index += 1) {
        const gap = (times[index] as number) - (times[index - 1] as number);
        if (gap > longest) {
            longest = gap;
            best = index;
        }
    }
    const first = times[best] ?? 0;
    const span = (times[times.length - 1] ?? 0) - first;
    return longest > 12 * hour && longest > 4 * span ? best : -1;
}

export function timeScale({ times, now, left, right, reserve, zoom }: ScaleInput): TimeScale {
    if (zoom) {
        const [from, to] = zoom;
        const slope = (right - left) / Math.max(1, to - from);
        return { x: (at) => left + (at - from) * slope, at: (x) => from + (x - left) / slope, left, right };
    }
    const sorted = [...times, now].sort((one, two) => one - two);
    const cut = breakIndex(sorted);
    const first = sorted[Math.max(0, cut)] ?? now;
    const last = sorted[sorted.length - 1] ?? now;
    const mainLeft = cut > 0 ? left + oldWidth + 14 : left;
    const inner = Math.max(40, right - mainLeft - 26 - reserve);
    const slope = inner / Math.max(60_000, last - first);
    const main = (at: number) => mainLeft + 26 + (at - first) * slope;
    const inverse = (x: number) => first + (x - mainLeft - 26) / slope;
    if (cut <= 0) return { x: main, at: inverse, left: mainLeft, right };
    const from = sorted[0] as number;
    const to = sorted[cut - 1] as number;
    const old = { left, right: left + oldWidth, from, to };
    const oldX = (at: number) => left + 14 + ((at - from) / Math.max(1, to - from)) * (to > from ? oldWidth - 28 : 0);
    return { x: (at) => (at <= to ? oldX(at) : main(at)), at: inverse, left: mainLeft, right, old };
}

const steps = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 14_400, 21_600, 43_200, 86_400].map((seconds) => seconds * 1000);

/// Round instants at least `apart` pixels from each other, over the main part.
export function ticks(scale: TimeScale, apart = 84): { at: number[]; step: number } {
    const from = scale.at(scale.left);
    const to = scale.at(scale.right);
    const perPixel = (to - from) / Math.max(1, scale.right - scale.left);
    const step = steps.find((value) => value / perPixel >= apart) ?? 7 * 86_400_000;
    const at: number[] = [];
    for (let instant = Math.ceil(from / step) * step; instant <= to && at.length < 60; instant += step) at.push(instant);
    return { at, step };
}
