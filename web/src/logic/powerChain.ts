// Where a site's power comes from, read from its newest values and active alarms. Pure; words and pictures are elsewhere.

import type { AlarmView, LatestValue, SiteView } from "../api/types";
import { remaining } from "./autonomy";

export interface Reading {
    value: number;
    /// Seconds since it was measured.
    age: number;
}

export type SourceState = "on" | "lost" | "unknown";
export type GeneratorState = "running" | "stopped" | "failed" | "unknown" | "unfitted";

export interface PowerChain {
    blind: boolean;
    grid: { state: SourceState; volts?: Reading; since?: string };
    generator: { state: GeneratorState; power?: Reading; startVolts?: Reading; since?: string };
    fuel: { level?: Reading };
    transfer: "grid" | "generator" | "waiting" | "unknown";
    rectifier: { failed: boolean; carries: boolean; amps?: Reading; ok?: number; total?: number };
    battery: { fitted: boolean; flow: "out" | "in" | "rest" | "unknown"; amps?: Reading; charge?: Reading; health?: Reading; minutes?: { p10: number; p50: number; p90: number } };
    bus: { volts?: Reading; live: boolean };
    load: { amps?: Reading; power?: Reading };
    lvd1Open: boolean;
    lvd2Open: boolean;
}

/// After this a value is stale: three periods of the slowest usual telemetry.
export const staleAfter = 300;

const find = (latest: readonly LatestValue[], names: readonly string[], now: number): Reading | undefined => {
    for (const name of names) {
        const found = latest.find((value) => value.metric === name);
        if (found) return { value: found.value, age: Math.max(0, (now - Date.parse(found.at)) / 1000) };
    }
    return undefined;
};

export function powerChain(view: SiteView, alarms: readonly AlarmView[], now: number): PowerChain {
    const latest = view.latest ?? [];
    const active = alarms.filter((item) => item.alarm.state !== "cleared").map((item) => item.alarm);
    const alarm = (...types: string[]) => active.find((item) => types.includes(item.alarm_type));
    const read = (...names: string[]) => find(latest, names, now);
    const isNow = (reading: Reading | undefined): reading is Reading => reading !== undefined && reading.age < staleAfter;

    const gridVolts = read("power.grid.v_l1", "power.grid.v");
    const outage = alarm("power.grid.outage");
    const gridState: SourceState = outage ? "lost" : isNow(gridVolts) ? (gridVolts.value > 100 ? "on" : "lost") : "unknown";

    const power = read("dg.p", "dg.power");
    const turning = read("dg.rpm", "dg.f", "dg.v");
    const startFailed = alarm("dg.start_failed");
    const runs = (isNow(power) && power.value > 0.05) || (isNow(turning) && turning.value > 5);
    const known = isNow(power) || isNow(turning) || isNow(read("dg.start_batt"));
    const generatorState: GeneratorState = !view.site.dg ? "unfitted" : runs ? "running" : startFailed ? "failed" : known ? "stopped" : "unknown";

    const rectifierAmps = read("rectifier.out_i");
    const rectifierFailed = Boolean(alarm("rectifier.system_failed"));
    const source = gridState === "on" || generatorState === "running";
    const carries = !rectifierFailed && (isNow(rectifierAmps) ? rectifierAmps.value > 0.5 : source);

    const amps = read("battery.i");
    const flow = !isNow(amps) ? (alarm("battery.discharging") ? "out" : "unknown") : amps.value < -0.5 ? "out" : amps.value > 0.5 ? "in" : "rest";
    const volts = read("power.dc.bus_v", "battery.v");
    const opened = active.filter((item) => item.alarm_type === "power.dc.lvd_open");
    // The catalogue raises priority 2 (all loads) as critical, priority 1 as major.
    const lvd2Open = opened.some((item) => item.perceived_severity === "critical");
    const lvd1Open = lvd2Open || opened.length > 0;
    const live = isNow(volts) ? volts.value > 20 : carries || flow === "out";
    const left = view.autonomy ? remaining(view.autonomy, now) : undefined;

    const chain: PowerChain = {
        blind: view.state === "blind",
        grid: { state: gridState },
        generator: { state: generatorState },
        fuel: {},
        transfer: gridState === "on" ? "grid" : generatorState === "running" ? "generator" : gridState === "unknown" ? "unknown" : "waiting",
        rectifier: { failed: rectifierFailed, carries },
        battery: { fitted: view.site.battery !== undefined || amps !== undefined, flow },
        bus: { live },
        load: {},
        lvd1Open,
        lvd2Open,
    };
    if (gridVolts) chain.grid.volts = gridVolts;
    if (outage) chain.grid.since = outage.raised_at;
    if (power) chain.generator.power = power;
    if (startFailed) chain.generator.since = startFailed.raised_at;
    const startVolts = read("dg.start_batt");
    if (startVolts) chain.generator.startVolts = startVolts;
    const level = read("fuel.level");
    if (level) chain.fuel.level = level;
    if (rectifierAmps) chain.rectifier.amps = rectifierAmps;
    const [ok, total] = [read("rectifier.modules_ok"), read("rectifier.modules_total")];
    if (ok) chain.rectifier.ok = ok.value;
    if (total) chain.rectifier.total = total.value;
    if (amps) chain.battery.amps = amps;
    const [charge, health] = [read("battery.soc"), read("battery.soh")];
    if (charge) chain.battery.charge = charge;
    if (health) chain.battery.health = health;
    if (left) chain.battery.minutes = { p10: left.p10, p50: left.p50, p90: left.p90 };
    if (volts) chain.bus.volts = volts;
    const [loadAmps, loadPower] = [read("power.dc.load_i"), read("power.dc.load_p")];
    if (loadAmps) chain.load.amps = loadAmps;
    if (loadPower) chain.load.power = loadPower;
    return chain;
}
