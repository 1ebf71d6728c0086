// The event-to-decision histogram: upper bounds in milliseconds, counts, and where a quantile stands on the bars.

export type Bucket = readonly [number, number];

/// Position of a value in bars, 0…buckets, on the log scale that the bounds form.
export function barPosition(buckets: readonly Bucket[], value: number): number {
    let lower = 0;
    for (let index = 0; index < buckets.length; index += 1) {
        const upper = (buckets[index] as Bucket)[0];
        if (value <= upper) {
            const from = lower > 0 ? Math.log(lower) : Math.log(Math.max(upper / 2, 1e-6));
            const share = (Math.log(Math.max(value, 1e-6)) - from) / Math.max(1e-9, Math.log(upper) - from);
            return index + Math.min(1, Math.max(0, share));
        }
        lower = upper;
    }
    return buckets.length;
}

/// Buckets without the empty ones at both ends, so that the picture fills its width.
export function trimBuckets(buckets: readonly Bucket[]): Bucket[] {
    const first = buckets.findIndex((bucket) => bucket[1] > 0);
    if (first < 0) return [];
    let last = buckets.length - 1;
    while ((buckets[last] as Bucket)[1] === 0) last -= 1;
    return buckets.slice(Math.max(0, first - 1), last + 1);
}
