// Longer forecasts in words: one order, one figure for each kind.

import type { ForecastKind, SiteForecast } from "../api/types";

export const kinds: readonly ForecastKind[] = ["fuel_empty", "generator_start_failure", "cooling_limit", "battery_health", "battery_life"];

/// What stands for "not within that time".
const most: Record<ForecastKind, number> = { fuel_empty: 8760, generator_start_failure: 1, cooling_limit: 365, battery_health: 1.2, battery_life: 7300 };

export const isNever = (kind: ForecastKind, value: number): boolean => (kind === "fuel_empty" || kind === "cooling_limit" || kind === "battery_life") && value >= most[kind];

/// How near to trouble, 0 far to 1 there: what a list of unlike forecasts is sorted by.
export function urgency(forecast: SiteForecast): number {
    switch (forecast.kind) {
        case "fuel_empty":
            return 1 / (1 + forecast.p50 / 24);
        case "generator_start_failure":
            return forecast.p50;
        case "cooling_limit":
            return 1 / (1 + forecast.p50 / 7);
        case "battery_health":
            return Math.min(1, Math.max(0, 1 - forecast.p50) * 2);
        case "battery_life":
            return 1 / (1 + forecast.p50 / 90);
    }
}

export function byUrgency(one: SiteForecast, two: SiteForecast): number {
    return urgency(two) - urgency(one) || (one.site_id < two.site_id ? -1 : one.site_id > two.site_id ? 1 : 0) || kinds.indexOf(one.kind) - kinds.indexOf(two.kind);
}
