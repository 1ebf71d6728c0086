// Units and decimals of the metrics people read, by the name's last word.

export interface MetricForm {
    unit: string;
    decimals: number;
}

const exact: Record<string, MetricForm> = {
    "power.grid.f": { unit: "Hz", decimals: 1 },
    "dg.rpm": { unit: "rpm", decimals: 0 },
    "dg.f": { unit: "Hz", decimals: 1 },
    "dg.start_batt": { unit: "V", decimals: 1 },
    "dg.run_h": { unit: "h", decimals: 0 },
    "dg.oil": { unit: "kPa", decimals: 0 },
    "dg.coolant": { unit: "°C", decimals: 0 },
    "fuel.level": { unit: "l", decimals: 0 },
    "mw.rsl": { unit: "dBm", decimals: 1 },
    "mw.mse": { unit: "dB", decimals: 1 },
    "mw.capacity": { unit: "Mbit/s", decimals: 0 },
    "ran.prb": { unit: "%", decimals: 0 },
    "ran.thr": { unit: "Mbit/s", decimals: 1 },
    "env.rh": { unit: "%", decimals: 0 },
    "rectifier.eff": { unit: "%", decimals: 1 },
    "battery.r": { unit: "mΩ", decimals: 2 },
};

const byEnd: [RegExp, MetricForm][] = [
    [/(^|\.)(v|bus_v|v_l\d)$/, { unit: "V", decimals: 1 }],
    [/(^|\.)(i|out_i|load_i|i_l\d)$/, { unit: "A", decimals: 0 }],
    [/(^|\.)(p|load_p)$/, { unit: "kW", decimals: 2 }],
    [/(^|\.)e$/, { unit: "kWh", decimals: 0 }],
    [/(soc|soh)$/, { unit: "%", decimals: 0 }],
    [/(temp|t_in|t_out)$/, { unit: "°C", decimals: 1 }],
    [/(ah|ah_in|ah_out)$/, { unit: "Ah", decimals: 0 }],
];

export function metricForm(metric: string): MetricForm {
    return exact[metric] ?? byEnd.find(([pattern]) => pattern.test(metric))?.[1] ?? { unit: "", decimals: 1 };
}

/// Which metrics a tab of the site page shows.
export const tabPrefixes: Record<string, readonly string[]> = {
    power: ["power.", "battery.", "rectifier.", "solar."],
    radio: ["ran.", "sync."],
    backhaul: ["mw.", "fibre.", "eth.", "path.", "ring."],
    environment: ["env.", "hvac."],
    access: ["access.", "light.", "structure."],
    fuel: ["fuel.", "dg."],
};

/// Metrics drawn first on their tab when they exist.
export const preferred: readonly string[] = ["power.dc.bus_v", "battery.i", "battery.temp", "power.dc.load_i", "battery.soc", "rectifier.out_i", "power.grid.v_l1", "fuel.level", "env.t_in", "mw.rsl"];

export function metricsOfTab(tab: string, available: readonly string[], most: number): string[] {
    const prefixes = tabPrefixes[tab] ?? [];
    const fits = available.filter((metric) => prefixes.some((prefix) => metric.startsWith(prefix)));
    const rank = (metric: string) => (preferred.indexOf(metric) + 1 || preferred.length + 1);
    return [...new Set(fits)].sort((one, two) => rank(one) - rank(two) || (one < two ? -1 : 1)).slice(0, most);
}
