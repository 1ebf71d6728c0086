// Words for the boxes of the power chain: one place for the picture, the phone and the text twin.

import type { Severity, Site } from "../../api/types";
import { bandEnds, minutes, number, quantity, span, when } from "../../format";
import { staleAfter, type PowerChain, type Reading } from "../../logic/powerChain";
import { t } from "../../text";

export interface ChainBox {
    key: "grid" | "transfer" | "rectifier" | "generator" | "fuel" | "battery" | "shed" | "priority";
    title: string;
    figure: string;
    detail: string;
    tone: "plain" | "critical" | "major" | "minor" | "unfitted" | "blind";
    mark: Severity | null;
    /// Newest value is older than its promise.
    stale: boolean;
}

const text = (reading: Reading | undefined, unit: string, decimals = 0): string => (reading ? quantity(reading.value, unit, decimals) : t("chain.unknown"));
const old = (...readings: (Reading | undefined)[]): boolean => readings.some((reading) => reading !== undefined && reading.age > staleAfter);

export function chainBoxes(chain: PowerChain, site: Site, now: number): Record<ChainBox["key"], ChainBox> {
    const { grid, generator, battery, rectifier, load } = chain;
    const box = (key: ChainBox["key"], title: string, figure: string, detail: string, tone: ChainBox["tone"] = "plain", mark: Severity | null = null, stale = false): ChainBox => ({
        key,
        title,
        figure,
        detail,
        tone: chain.blind || stale ? "blind" : tone,
        mark: chain.blind || stale ? "indeterminate" : mark,
        stale: stale || chain.blind,
    });
    const lost = grid.state === "lost";
    const since = grid.since ? `${t("chain.lost", { at: when(grid.since, now, true) })}, ${span((now - Date.parse(grid.since)) / 1000)}` : "";
    const generatorFigure = {
        running: generator.power ? quantity(generator.power.value, "kW", 1) : t("chain.running"),
        stopped: t("chain.stopped"),
        failed: t("chain.failed"),
        unknown: t("chain.unknown"),
        unfitted: t("chain.unfitted"),
    }[generator.state];
    const starter = generator.startVolts ? t("chain.starter", { v: quantity(generator.startVolts.value, "V", 1) }) : "";
    const health = battery.health ? `, ${t("chain.health", { n: number(battery.health.value) })}` : "";
    const charge = battery.charge ? `${t("clock.charge", { n: number(battery.charge.value) })}${health}` : "";
    const strings = site.battery ? t("chain.strings", { n: site.battery.strings, ah: number(site.battery.ah) }) : "";
    const modules = rectifier.total !== undefined ? t("chain.modules", { ok: number(rectifier.ok ?? 0), total: number(rectifier.total) }) : rectifier.failed ? t("chain.rectifierFailed") : "";
    return {
        grid: box("grid", site.feeder_id ? t("chain.gridOf", { feeder: site.feeder_id }) : t("chain.grid"), grid.volts ? text(grid.volts, "V") : t(lost ? "chain.noGrid" : "chain.unknown"), lost ? since : t(`chain.grid.${grid.state}`), lost ? "critical" : "plain", lost ? "critical" : null, old(grid.volts)),
        generator: box("generator", site.dg ? t("chain.generatorOf", { kva: number(site.dg.kva) }) : t("chain.generator"), generatorFigure, starter, generator.state === "failed" ? "critical" : generator.state === "unfitted" ? "unfitted" : "plain", generator.state === "failed" ? "critical" : null, old(generator.startVolts)),
        fuel: box("fuel", t("chain.fuel"), text(chain.fuel.level, "l"), site.dg ? t("chain.tank", { n: number(site.dg.tank_l) }) : "", site.dg ? "plain" : "unfitted", null, old(chain.fuel.level)),
        transfer: box("transfer", t("chain.transfer"), t(`chain.transfer.${chain.transfer}`), chain.transfer === "waiting" ? t("chain.noSource") : ""),
        rectifier: box("rectifier", t("chain.rectifier"), text(rectifier.amps, "A"), modules, rectifier.failed ? "critical" : "plain", rectifier.failed ? "critical" : null, old(rectifier.amps)),
        battery: box("battery", strings ? t("chain.batteryOf", { strings }) : t("chain.battery"), text(battery.amps, "A"), charge, !battery.fitted ? "unfitted" : battery.flow === "out" ? "minor" : "plain", battery.flow === "out" ? "minor" : null, old(battery.amps)),
        shed: box("shed", t("chain.shed"), chain.lvd1Open ? quantity(0, "A") : t("chain.fed"), chain.lvd1Open ? t("chain.lvd1Open") : t("chain.lvd1"), chain.lvd1Open ? "major" : "plain", chain.lvd1Open ? "major" : null),
        priority: box("priority", t("chain.priority"), chain.lvd2Open ? quantity(0, "A") : text(load.amps, "A"), [load.power ? quantity(load.power.value, "kW", 2) : "", site.operators.length > 0 ? site.operators.join(", ") : ""].filter(Boolean).join(", "), chain.lvd2Open ? "critical" : "plain", chain.lvd2Open ? "critical" : chain.bus.live ? "cleared" : null, old(load.amps)),
    };
}

export function minutesLine(chain: PowerChain): string {
    const left = chain.battery.minutes;
    return left ? t("chain.left", { p50: minutes(left.p50), ...bandEnds(left.p10, left.p90) }) : "";
}
