// Route patterns and query strings, without the browser.

export type Params = Record<string, string>;

export interface Match {
    name: string;
    params: Params;
}

const table: [string, string][] = [
    ["fleet", "/"],
    ["incidents", "/incidents"],
    ["incident", "/incidents/:id"],
    ["alarms", "/alarms"],
    ["sites", "/sites"],
    ["site", "/sites/:id"],
    ["site", "/sites/:id/:tab"],
    ["topology", "/topology"],
    ["forecasts", "/forecasts"],
    ["energy", "/energy"],
    ["sla", "/sla"],
    ["sla", "/sla/:operator/:month"],
    ["jobs", "/jobs"],
    ["jobs", "/jobs/:id"],
    ["platform", "/platform"],
    ["platform", "/platform/:part"],
    ["audit", "/audit"],
    ["settings", "/settings"],
    ["settings", "/settings/:part"],
    ["more", "/more"],
];

const compiled = table.map(([name, pattern]) => ({ name, parts: pattern.split("/").filter(Boolean) }));

export function match(path: string): Match {
    const parts = path.split("/").filter(Boolean);
    for (const route of compiled) {
        if (route.parts.length !== parts.length) continue;
        const params: Params = {};
        const fits = route.parts.every((part, index) => {
            const given = parts[index] as string;
            if (!part.startsWith(":")) return part === given;
            try {
                params[part.slice(1)] = decodeURIComponent(given);
            } catch {
                return false;
            }
            return true;
        });
        if (fits) return { name: route.name, params };
    }
    return { name: "notFound", params: {} };
}

/// The query with some keys set or, by null, removed; keys sorted so that equal views have equal addresses.
export function withQuery(search: string, changes: Record<string, string | null>): string {
    const query = new URLSearchParams(search);
    for (const [key, value] of Object.entries(changes)) {
        if (value === null || value === "") query.delete(key);
        else query.set(key, value);
    }
    query.sort();
    const text = query.toString();
    return text ? `?${text}` : "";
}
