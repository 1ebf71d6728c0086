import type { FleetView, SiteView } from "../../api/types";
import { Shape } from "../../components/marks";
import { StatTile } from "../../components/StatTile";
import { bandEnds, minutesFigure, number, percent, span } from "../../format";
import { remaining } from "../../logic/autonomy";
import { t, tn } from "../../text";

/// How many states give the reason: "fibre cut × 5" is the server's words, counted.
function reasons(sites: ReadonlyMap<string, SiteView>): string {
    const counts = new Map<string, number>();
    for (const site of sites.values()) {
        if (site.state !== "down") continue;
        const word = site.state_reason.replace(/\s*\d{1,2}:\d{2}.*$/, "").replace(/^\d+ /, "").split(/[,:]/)[0]?.trim() || t("cause.unknown");
        counts.set(word, (counts.get(word) ?? 0) + 1);
    }
    const sorted = [...counts].sort((left, right) => right[1] - left[1] || (left[0] < right[0] ? -1 : 1));
    return sorted.slice(0, 2).map(([word, count]) => `${word} × ${count}`).join(", ");
}

export function Tiles({ fleet, sites, now }: { fleet: FleetView | undefined; sites: ReadonlyMap<string, SiteView>; now: number }) {
    const loading = !fleet;
    const count = (name: keyof FleetView["states"]) => fleet?.states[name] ?? 0;
    const serving = (fleet?.total_sites ?? 0) - count("down") - count("blind");
    const shortest = fleet?.shortest_autonomy;
    const left = shortest ? remaining(shortest, now) : undefined;
    const figure = left ? minutesFigure(left.p50) : undefined;
    const shortestName = shortest ? sites.get(shortest.site_id)?.site.name ?? shortest.site_id : "";
    const recent = [...sites.values()].filter((site) => site.state === "on_battery" && site.state_since && now - Date.parse(site.state_since) < 15 * 60_000).length;
    const unowned = fleet?.oldest_unowned_at ? (now - Date.parse(fleet.oldest_unowned_at)) / 1000 : undefined;
    return (
        <section className="tiles" aria-label={t("fleet.numbers")}>
            <StatTile loading={loading} label={t("tile.serving")} figure={number(serving)} unit={t("tile.of", { n: number(fleet?.total_sites ?? 0) })} context={tn("tile.degraded", count("degraded"))} />
            <StatTile loading={loading} label={t("tile.down")} mark={count("down") > 0 && <Shape severity="critical" size={18} />} figure={number(count("down"))} context={count("down") > 0 ? reasons(sites) : t("tile.noneDown")} />
            <StatTile loading={loading} label={t("tile.battery")} mark={count("on_battery") > 0 && <Shape severity="minor" size={18} />} figure={number(count("on_battery"))} context={recent > 0 ? t("tile.recent", { n: recent }) : t("tile.noneRecent")} />
            {left && figure ? (
                <StatTile loading={loading} label={t("tile.shortest")} figure={<span className={left.p50 < 15 ? "critical" : ""}>{figure.value}</span>} unit={figure.unit} context={t("tile.band", { site: shortestName, ...bandEnds(left.p10, left.p90) })} />
            ) : (
                <StatTile loading={loading} label={t("tile.shortest")} figure="–" context={t("tile.noForecast")} />
            )}
            <StatTile loading={loading} label={t("tile.needs")} figure={number(fleet?.needs_person ?? 0)} unit={tn("tile.ofIncidents", fleet?.open_incidents ?? 0)} context={unowned === undefined ? t("tile.allOwned") : t("tile.oldest", { age: span(unowned) })} />
            <StatTile loading={loading} label={t("tile.availability")} figure={fleet?.power_availability === undefined ? "–" : percent(fleet.power_availability, 3).slice(0, -2)} unit={fleet?.power_availability === undefined ? "" : "%"} context={fleet?.power_availability === undefined ? t("tile.notHeard") : t("tile.last24")} />
        </section>
    );
}
