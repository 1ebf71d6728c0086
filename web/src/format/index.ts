// The same formats with the reader's language and zone filled in.

import { locale } from "../text";
import * as units from "./units";

export const zone = Intl.DateTimeFormat().resolvedOptions().timeZone || "UTC";

export const number = (value: number, decimals = 0): string => units.number(value, locale, decimals);
export const quantity = (value: number, unit: string, decimals = 0): string => units.quantity(value, unit, locale, decimals);
export const millisecondsFigure = (value: number, decimals = 0): units.Figure => units.millisecondsFigure(value, locale, decimals);
export const percent = (ratio: number, decimals = 2): string => units.percent(ratio, locale, decimals);
export const probability = (value: number): string => units.probability(value, locale);
export const odds = (ratio: number): string => units.odds(ratio, locale);
export const bytes = (value: number): string => units.bytesText(value, locale);
export const clock = (at: number | string, seconds = false): string => units.clockText(typeof at === "string" ? Date.parse(at) : at, zone, seconds);
export const zoneShort = (at: number): string => units.zoneName(at, zone, locale);
export const day = (at: number): string => units.dayText(at, zone, locale);
export const date = (at: number | string): string => units.dateText(typeof at === "string" ? Date.parse(at) : at, zone, locale);

/// Clock today, day and clock before that.
export function when(at: string, now: number, seconds = false): string {
    const instant = Date.parse(at);
    return Math.abs(now - instant) < 20 * 3_600_000 ? clock(instant, seconds) : `${date(instant)} ${clock(instant)}`;
}

/// For a `title`: the full instant with zone, and the site's own clock when it differs.
export function fullTime(at: string, siteZone?: string): string {
    const instant = Date.parse(at);
    const own = `${day(instant)} ${clock(instant, true)} ${zoneShort(instant)}`;
    if (!siteZone || siteZone === zone) return own;
    try {
        return `${own} (${units.clockText(instant, siteZone, true)} ${units.zoneName(instant, siteZone, locale)})`;
    } catch {
        return own;
    }
}

export const minutes = units.minutesText;
export const { minutesFigure, minutesColumn, bandEnds, spanText: span, lagText: lag, shortId, initials, personInitials, nbsp } = units;
