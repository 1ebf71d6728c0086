// Fleet overview: is something wrong, how many sites, how long have we got, what first?

import { useCallback, useMemo } from "react";
import type { FleetView, TopologyView } from "../../api/types";
import { FleetMap, type Callout } from "../../components/FleetMap";
import type { MapLayer } from "../../components/fleetMapDraw";
import { ErrorNote } from "../../components/states";
import { StormBanner } from "../../components/StormBanner";
import { Place } from "../../components/TopBar";
import { minutes } from "../../format";
import { compare, isOpen, nextLoss, reach } from "../../logic/triage";
import { setQuery, useLocation } from "../../router/router";
import { usePhone, useNow, useQuery } from "../../state/hooks";
import { usePrincipal } from "../../state/session";
import { useLive } from "../../state/store";
import { t, tn } from "../../text";
import { AlarmBars } from "./AlarmBars";
import { Legend } from "./Legend";
import { NeedsPerson } from "./NeedsPerson";
import { NextToFall } from "./NextToFall";
import { Regions } from "./Regions";
import { Tiles } from "./Tiles";

const layers: MapLayer[] = ["service", "power", "backhaul"];

export function Fleet() {
    const principal = usePrincipal();
    const { query } = useLocation();
    const phone = usePhone();
    const now = useNow(10_000);
    const incidents = useLive((data) => data.incidents);
    const sites = useLive((data) => data.sites);
    const layer = layers.find((name) => name === query.get("layer")) ?? "service";
    // The numbers follow the feed: asked again when something changed, at most every 2 s, and every 10 s anyway.
    const fleet = useQuery<FleetView>("/fleet", `${now}/${incidents.size}/${useLive((data) => data.heardAt)}`, 2000);
    const topology = useQuery<TopologyView>(layer === "backhaul" ? "/topology" : null);
    const list = useMemo(() => [...sites.values()], [sites]);
    const open = useMemo(() => [...incidents.values()].filter(isOpen).sort(compare("next", now)), [incidents, now]);
    const needs = useMemo(() => open.filter((item) => item.snapshot.needs_person), [open]);
    const callouts = useMemo<Callout[]>(
        () =>
            [...needs, ...open.filter((item) => !item.snapshot.needs_person)].slice(0, 3).map((incident) => {
                const loss = nextLoss(incident, now);
                const hit = reach(incident);
                const what = loss.kind === "ahead" ? t("callout.left", { minutes: minutes(loss.p50) }) : tn("callout.down", hit.down);
                const cause = incident.snapshot.root_cause_candidates[0]?.label ?? t("cause.unknown");
                return { incident, title: `${incident.site_name || incident.number}, ${what}`, detail: `${cause}, ${t("callout.reach", { down: hit.down, risk: hit.atRisk })}` };
            }),
        [needs, open, now],
    );
    const keepClear = useCallback(
        (_width: number, height: number) => [
            { x: 0, y: 0, width: 340, height: 52 },
            { x: 0, y: height - 150, width: 180, height: 150 },
        ],
        [],
    );
    const view = fleet.data;
    return (
        <div className={`screen fleet${fleet.error ? " greyed" : ""}`}>
            <Place>
                <strong>{t("place.fleet")}</strong> <span className="second">{t("fleet.scope", { tenant: principal.tenant_id })}</span>
            </Place>
            <h1 className="sr">{t("place.fleet")}</h1>
            {fleet.error && <ErrorNote title={t("error.fleet")} error={fleet.error} onRetry={fleet.reload} />}
            {view?.storm_since && <StormBanner since={view.storm_since} alarms={open.reduce((sum, item) => sum + item.snapshot.alarm_count, 0)} incidents={open.length} needs={needs.length} />}
            <Tiles fleet={view} sites={sites} now={now} />
            <div className="fleet-body">
                <section className="fleet-map" aria-label={t("fleet.map")}>
                    <FleetMap sites={list} links={topology.data?.links ?? []} layer={layer} callouts={phone ? callouts.slice(0, 1) : callouts} keepClear={keepClear} />
                    <div className="segments map-layers" role="group" aria-label={t("fleet.layer")}>
                        {layers.map((name) => (
                            <button key={name} aria-pressed={name === layer} onClick={() => setQuery({ layer: name === "service" ? null : name })}>
                                {t(`layer.${name}`)}
                            </button>
                        ))}
                    </div>
                    <Legend states={view?.states ?? {}} />
                </section>
                <AlarmBars fleet={view} />
                <aside className="fleet-side">
                    <NeedsPerson items={needs} watching={open.length - needs.length} now={now} loading={!view} />
                    <NextToFall fleet={view} now={now} />
                    <Regions fleet={view} />
                </aside>
            </div>
        </div>
    );
}
