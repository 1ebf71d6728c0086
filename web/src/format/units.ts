// Numbers and times as the console writes them. Pure: the locale and the zone are given.

export const nbsp = "\u00a0";

const numbers = new Map<string, Intl.NumberFormat>();

/// `1,284` or, in French, `1 284`: digits grouped, a fixed number of decimals, a real minus sign.
export function number(value: number, locale: string, decimals = 0): string {
    const key = `${locale}/${decimals}`;
    let format = numbers.get(key);
    if (!format) {
        const grouping = locale.startsWith("fr") ? "fr-FR" : "en-GB";
        format = new Intl.NumberFormat(grouping, { minimumFractionDigits: decimals, maximumFractionDigits: decimals });
        numbers.set(key, format);
    }
    // A rounded zero has no sign.
    const shown = Math.abs(value) < 0.5 * 10 ** -decimals ? 0 : value;
    return format.format(shown).replace("-", "\u2212").replace(/\u202f/g, nbsp);
}

/// A value with its unit and a no-break space between.
export const quantity = (value: number, unit: string, locale: string, decimals = 0): string => `${number(value, locale, decimals)}${nbsp}${unit}`;

export interface Figure {
    value: string;
    unit: string;
}

/// Milliseconds as people say them: in seconds from ten on.
export function millisecondsFigure(milliseconds: number, locale: string, decimals = 0): Figure {
    if (milliseconds < 10_000) return { value: number(milliseconds, locale, decimals), unit: "ms" };
    return { value: number(milliseconds / 1000, locale, 1), unit: "s" };
}

/// Minutes as people say them: under 90 in minutes, then `1 h 52`.
export function minutesFigure(minutes: number): Figure {
    const whole = Math.max(0, Math.round(minutes));
    if (whole < 90) return { value: String(whole), unit: "min" };
    const hours = Math.floor(whole / 60);
    if (hours >= 100) return { value: String(Math.round(hours / 24)), unit: "d" };
    return { value: `${hours}${nbsp}h${nbsp}${String(whole % 60).padStart(2, "0")}`, unit: "" };
}

export function minutesText(minutes: number): string {
    const figure = minutesFigure(minutes);
    return figure.unit ? `${figure.value}${nbsp}${figure.unit}` : figure.value;
}

/// `0:38`, `1:52`: for columns of durations.
export function minutesColumn(minutes: number): string {
    const whole = Math.max(0, Math.round(minutes));
    return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}

/// The two ends of a band in one form: `24`, `55`, or `2:30`, `4:02` once one of them passes 90 min.
export function bandEnds(p10: number, p90: number): { p10: string; p90: string } {
    const form = Math.round(p90) < 90 ? (value: number) => String(Math.max(0, Math.round(value))) : minutesColumn;
    return { p10: form(p10), p90: form(p90) };
}

/// A span for reading: `40 s`, `38 min`, `1 h 52`, `3 d`.
export function spanText(seconds: number): string {
    if (!Number.isFinite(seconds)) return "–";
    const whole = Math.max(0, seconds);
    if (whole < 89.5) return `${Math.round(whole)}${nbsp}s`;
    if (whole < 36 * 3600) return minutesText(whole / 60);
    return `${Math.round(whole / 86_400)}${nbsp}d`;
}

/// A lag on an edge: `+3 s`, `+55 min`, `+4 h 30`.
export const lagText = (seconds: number): string => `+${seconds < 10 && seconds % 1 >= 0.05 ? `${seconds.toFixed(1)}${nbsp}s` : spanText(seconds)}`;

export function bytesText(bytes: number, locale: string): string {
    const units = ["B", "kB", "MB", "GB", "TB"];
    let value = bytes;
    let unit = 0;
    while (value >= 1000 && unit < units.length - 1) {
        value /= 1000;
        unit += 1;
    }
    return quantity(value, units[unit] as string, locale, unit === 0 || value >= 100 ? 0 : value >= 10 ? 1 : 2);
}

/// A ratio 0…1 as a percentage that never rounds up to a promise it does not keep.
export function percent(ratio: number, locale: string, decimals = 2): string {
    const factor = 10 ** decimals;
    const cut = Math.floor(ratio * 100 * factor + 1e-9) / factor;
    return quantity(cut, "%", locale, decimals);
}

/// Two decimals, and never 1.00 or 0.00 for what is not certain.
export function probability(value: number, locale: string): string {
    if (value > 0 && value < 0.005) return `<${number(0.01, locale, 2)}`;
    const shown = value < 1 ? Math.min(0.99, value) : 1;
    return number(shown, locale, 2);
}

/// Odds of a likelihood ratio: `×38` for, `÷2.4` against.
export function odds(ratio: number, locale: string): string {
    const against = ratio < 1;
    const value = against ? 1 / Math.max(ratio, 1e-6) : ratio;
    const text = value >= 1000 ? number(Math.round(value / 100) * 100, locale) : number(value, locale, value >= 10 ? 0 : 1);
    return `${against ? "÷" : "×"}${text}`;
}

export function clockText(at: number, zone: string, seconds = false): string {
    const options: Intl.DateTimeFormatOptions = { hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZone: zone };
    if (seconds) options.second = "2-digit";
    return cached("en-GB", options).format(at);
}

/// `GMT`, `CET`, `UTC+1`: what stands beside a clock.
export function zoneName(at: number, zone: string, locale: string): string {
    const parts = cached(locale, { timeZone: zone, timeZoneName: "short" }).formatToParts(at);
    return parts.find((part) => part.type === "timeZoneName")?.value ?? zone;
}

export function dayText(at: number, zone: string, locale: string): string {
    return cached(locale, { weekday: "short", day: "numeric", month: "short", timeZone: zone }).format(at).replace(",", "");
}

export function dateText(at: number, zone: string, locale: string): string {
    return cached(locale, { day: "numeric", month: "short", timeZone: zone }).format(at);
}

const dates = new Map<string, Intl.DateTimeFormat>();

function cached(locale: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
    const key = locale + JSON.stringify(options);
    let format = dates.get(key);
    if (!format) {
        format = new Intl.DateTimeFormat(locale, options);
        dates.set(key, format);
    }
    return format;
}

/// First and last of a long id: `9f2c…a1`.
export const shortId = (id: string): string => (id.length > 12 ? `${id.slice(0, 4)}…${id.slice(-2)}` : id);

/// `Akwa Mobile` → `A`; two operators with one letter get two: `Ak`, `An`.
export function initials(names: readonly string[]): Map<string, string> {
    const result = new Map<string, string>();
    for (const name of names) {
        const first = name.slice(0, 1).toUpperCase();
        const clash = names.some((other) => other !== name && other.slice(0, 1).toUpperCase() === first);
        result.set(name, clash ? name.slice(0, 2) : first);
    }
    return result;
}

/// Initials of a person: `moussa.diallo` → `MD`, `demo` → `DE`.
export function personInitials(name: string): string {
    const words = name.split(/[\s._@-]+/).filter(Boolean);
    const letters = words.length > 1 ? (words[0] as string)[0] + ((words[1] as string)[0] ?? "") : name.slice(0, 2);
    return letters.toUpperCase();
}
