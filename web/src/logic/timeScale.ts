// Time to pixels: linear, with one break for a cause that is days older than the rest, and with another scale after now
// while the past is short beside what is predicted. Round ticks for each part.

export interface TimeScale {
    x(at: number): number;
    /// Instant at a pixel of the main part.
    at(x: number): number;
    /// Left edge of the main part.
    left: number;
    right: number;
    /// Pixel of now, where the future begins on a scale of its own.
    knee?: number;
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
const pastShare = 0.45;

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
    const begin = mainLeft + 26;
    const slope = inner / Math.max(60_000, last - first);
    // Minutes of history beside hours of forecast would be one dot: they get the near half, on their own scale.
    const bent = last > now && now - first < 0.3 * (last - first);
    const knee = begin + inner * pastShare;
    const before = (knee - begin) / Math.max(10_000, now - first);
    const after = (begin + inner - knee) / Math.max(60_000, last - now);
    const straight = (at: number) => begin + (at - first) * slope;
    const main = bent ? (at: number) => (at <= now ? knee - (now - at) * before : knee + (at - now) * after) : straight;
    const inverse = bent ? (x: number) => (x <= knee ? now - (knee - x) / before : now + (x - knee) / after) : (x: number) => first + (x - begin) / slope;
    const bend = bent ? { knee } : {};
    if (cut <= 0) return { x: main, at: inverse, left: mainLeft, right, ...bend };
    const from = sorted[0] as number;
    const to = sorted[cut - 1] as number;
    const old = { left, right: left + oldWidth, from, to };
    const oldX = (at: number) => left + 14 + ((at - from) / Math.max(1, to - from)) * (to > from ? oldWidth - 28 : 0);
    return { x: (at) => (at <= to ? oldX(at) : main(at)), at: inverse, left: mainLeft, right, old, ...bend };
}

const steps = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 14_400, 21_600, 43_200, 86_400].map((seconds) => seconds * 1000);

export interface Tick {
    at: number;
    /// Whether its label needs seconds.
    seconds: boolean;
}

function ticksBetween(scale: TimeScale, left: number, right: number, apart: number): Tick[] {
    const [from, to] = [scale.at(left), scale.at(right)];
    const perPixel = (to - from) / Math.max(1, right - left);
    const step = steps.find((value) => value / perPixel >= apart) ?? 7 * 86_400_000;
    const result: Tick[] = [];
    for (let at = Math.ceil(from / step) * step; at <= to && result.length < 60; at += step) result.push({ at, seconds: step < 60_000 });
    return result;
}

/// Round instants at least `apart` pixels from each other, over the main part.
export function ticks(scale: TimeScale, apart = 84): Tick[] {
    if (scale.knee === undefined) return ticksBetween(scale, scale.left, scale.right, apart);
    const after = ticksBetween(scale, scale.knee + 30, scale.right, apart);
    return [...ticksBetween(scale, scale.left, scale.knee - 1, apart), ...after];
}
