// What a forecast means at an instant: minutes left, as quantiles, counted down from when it was made.

import type { AutonomyForecast } from "../api/types";

export interface Remaining {
    p10: number;
    p50: number;
    p90: number;
    /// The median instant, milliseconds.
    at50: number;
    at10: number;
    at90: number;
}

const minute = 60_000;
/// Past its 90 % instant by this much, a forecast says nothing any more: what happened has to say it.
const overdue = minute;

export function remaining(forecast: AutonomyForecast, now: number): Remaining {
    const made = Date.parse(forecast.at);
    const at10 = made + forecast.minutes_p10 * minute;
    const at50 = made + forecast.minutes_p50 * minute;
    const at90 = made + forecast.minutes_p90 * minute;
    const left = (at: number) => Math.max(0, (at - now) / minute);
    return { p10: left(at10), p50: left(at50), p90: left(at90), at10, at50, at90 };
}

/// Minutes until the second contactor takes the branches that the first one leaves on, while the first is still closed.
export function remainingSecond(forecast: AutonomyForecast, now: number): { p10: number; p50: number; p90: number } | undefined {
    const { lvd2_minutes_p10: p10, lvd2_minutes_p50: p50, lvd2_minutes_p90: p90 } = forecast;
    if (p10 === undefined || p50 === undefined || p90 === undefined) return undefined;
    const gone = (now - Date.parse(forecast.at)) / minute;
    return { p10: Math.max(0, p10 - gone), p50: Math.max(0, p50 - gone), p90: Math.max(0, p90 - gone) };
}

/// The forecast whose median comes first. One whose 90 % instant has passed no longer counts.
export function soonest(forecasts: readonly AutonomyForecast[], now: number): AutonomyForecast | undefined {
    let best: AutonomyForecast | undefined;
    let bestAt = Infinity;
    for (const forecast of forecasts) {
        const { at50, at90 } = remaining(forecast, now);
        if (at90 < now - overdue || at50 >= bestAt) continue;
        best = forecast;
        bestAt = at50;
    }
    return best;
}

/// Ticks for an axis from now: at most `most` of them, on a round step of minutes.
export function axisTicks(now: number, until: number, most = 4): number[] {
    const span = Math.max(minute, until - now);
    const steps = [5, 10, 15, 30, 60, 120, 240, 480, 1440].map((value) => value * minute);
    const step = steps.find((value) => span / value <= most - 1 + 1e-9) ?? (steps[steps.length - 1] as number);
    const ticks: number[] = [];
    for (let at = now; at <= until + 1 && ticks.length < most; at += step) ticks.push(at);
    return ticks;
}
