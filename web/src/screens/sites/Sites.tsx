// Sites: the list behind the map, filtered by state, region and text, with autonomy first.

import { useMemo, useState } from "react";
import type { SiteState, SiteView } from "../../api/types";
import { StateMark, stateWord } from "../../components/marks";
import { Blocks, Empty } from "../../components/states";
import { Place } from "../../components/TopBar";
import { minutes, number } from "../../format";
import { remaining } from "../../logic/autonomy";
import { score } from "../../logic/search";
import { scrollHeight } from "../../logic/window";
import { useRowWindow } from "../../state/rowWindow";
import { Link, navigate, setQuery, useLocation } from "../../router/router";
import { useNow, usePhone } from "../../state/hooks";
import { useKeys } from "../../state/keys";
import { useLive } from "../../state/store";
import { t, tn } from "../../text";

const states: SiteState[] = ["down", "degraded", "on_battery", "watch", "blind", "in_service"];

function order(now: number): (one: SiteView, two: SiteView) => number {
    const left = (site: SiteView) => (site.autonomy ? remaining(site.autonomy, now).p50 : Infinity);
    return (one, two) => states.indexOf(one.state) - states.indexOf(two.state) || left(one) - left(two) || two.dependents - one.dependents || (one.site.name < two.site.name ? -1 : 1);
}

export default function Sites() {
    const { query } = useLocation();
    const phone = usePhone();
    const now = useNow(30_000);
    const sites = useLive((data) => data.sites);
    const ready = useLive((data) => data.ready);
    const state = states.find((name) => name === query.get("state"));
    const region = query.get("region") ?? "";
    const text = query.get("q") ?? "";
    const [at, setAt] = useState(0);
    const regions = useMemo(() => [...new Set([...sites.values()].map((site) => site.site.region ?? ""))].filter(Boolean).sort(), [sites]);
    const counts = useMemo(() => {
        const result = new Map<string, number>();
        for (const site of sites.values()) result.set(site.state, (result.get(site.state) ?? 0) + 1);
        return result;
    }, [sites]);
    // Order is laid out when the reader asks for another view; between, values change in place.
    const [asked, setAsked] = useState(0);
    const ids = useMemo(() => {
        const fits = (site: SiteView) => (!state || site.state === state) && (!region || site.site.region === region) && (!text.trim() || score(`${site.site.name} ${site.site.site_id} ${site.site.feeder_id ?? ""}`, text) > 0);
        return [...sites.values()].filter(fits).sort(order(now)).map((site) => site.site.site_id);
        // eslint-disable-next-line react-hooks/exhaustive-deps -- see above
    }, [state, region, text, asked, sites.size === 0]);
    const height = phone ? 72 : 42;
    const sight = useRowWindow(ids.length, height, ids.length > 0);
    const view = sight.view;
    const go = (key: string) => {
        const next = sight.move(at, key);
        setAt(next);
        sight.show(next);
    };
    useKeys({ j: () => go("j"), k: () => go("k"), arrowdown: () => go("ArrowDown"), arrowup: () => go("ArrowUp"), enter: () => ids[at] && navigate(`/sites/${encodeURIComponent(ids[at] as string)}`), n: () => setAsked(asked + 1) });
    return (
        <div className="screen alarms sites">
            <Place>
                <strong>{t("place.sites")}</strong> <span className="second">{region}</span>
            </Place>
            <h1 className="sr">{t("place.sites")}</h1>
            <div className="toolbar">
                <div className="tabs" role="group" aria-label={t("sites.state")}>
                    <button className="tab" aria-pressed={!state} onClick={() => setQuery({ state: null })}>
                        {t("sites.all")} <span className="count">{number(sites.size)}</span>
                    </button>
                    {states
                        .filter((name) => (counts.get(name) ?? 0) > 0)
                        .map((name) => (
                            <button key={name} className="tab" aria-pressed={state === name} onClick={() => setQuery({ state: name })}>
                                {stateWord(name)} <span className="count">{number(counts.get(name) ?? 0)}</span>
                            </button>
                        ))}
                </div>
                <span className="grow" />
                <select className="field least" aria-label={t("column.region")} value={region} onChange={(event) => setQuery({ region: event.target.value || null })}>
                    <option value="">{t("sites.allRegions")}</option>
                    {regions.map((name) => (
                        <option key={name}>{name}</option>
                    ))}
                </select>
                <input className="field filter-field" type="search" aria-label={t("triage.filter")} placeholder={t("sites.filter")} value={text} onChange={(event) => setQuery({ q: event.target.value || null })} />
            </div>
            {!ready && <div className="panel-body"><Blocks heights={[42, 42, 42, 42]} gap={4} /></div>}
            {ready && ids.length === 0 && <Empty title={sites.size === 0 ? t("sites.none") : t("sites.noMatch")}>{sites.size === 0 ? t("sites.noneWhy") : undefined}</Empty>}
            {ids.length > 0 && (
                <div className="long-wrap">
                    <div className="long" {...sight.frame}>
                        <div role="table" aria-rowcount={ids.length + 1} aria-label={t("place.sites")}>
                            {!phone && (
                                <div role="row" aria-rowindex={1} className="site-line head">
                                    <span role="columnheader"><span className="sr">{t("sites.state")}</span></span>
                                    <span role="columnheader">{t("column.site")}</span>
                                    <span role="columnheader">{t("sites.why")}</span>
                                    <span role="columnheader">{t("column.region")}</span>
                                    <span role="columnheader" className="num">{t("site.left")}</span>
                                    <span role="columnheader" className="num">{t("blast.behind")}</span>
                                    <span role="columnheader" className="num">{t("place.alarms")}</span>
                                    <span role="columnheader" className="num">{t("column.incident")}</span>
                                </div>
                            )}
                            <div role="rowgroup" style={{ position: "relative", height: scrollHeight(ids.length, height) }}>
                                {ids.slice(view.first, view.end).map((id, index) => {
                                    const site = sites.get(id);
                                    if (!site) return null;
                                    const row = view.first + index;
                                    const left = site.autonomy ? remaining(site.autonomy, now) : undefined;
                                    const style = { transform: `translateY(${row * height}px)` };
                                    const link = (
                                        <Link className="plain-link medium cut" to={`/sites/${encodeURIComponent(id)}`}>
                                            {site.site.name}
                                        </Link>
                                    );
                                    if (phone)
                                        return (
                                            <div key={id} role="row" aria-rowindex={row + 2} className="alarm-card" style={style} onClick={() => navigate(`/sites/${encodeURIComponent(id)}`)}>
                                                <span role="cell"><StateMark state={site.state} /></span>
                                                <span role="cell" className="grow">
                                                    <span className="spread">{link}{left && <b className="nowrap">{minutes(left.p50)}</b>}</span>
                                                    <span className="second cut">{site.state_reason || stateWord(site.state)}</span>
                                                </span>
                                            </div>
                                        );
                                    return (
                                        <div key={id} role="row" aria-rowindex={row + 2} aria-current={row === at || undefined} className={`site-line${row === at ? " selected" : ""}`} style={style} onClick={() => setAt(row)} onDoubleClick={() => navigate(`/sites/${encodeURIComponent(id)}`)}>
                                            <span role="cell"><StateMark state={site.state} /></span>
                                            <span role="cell" className="cut">{link} <span className="mono third">{id}</span></span>
                                            <span role="cell" className="second cut">{site.state_reason || stateWord(site.state)}</span>
                                            <span role="cell" className="second cut">{site.site.region}</span>
                                            <span role="cell" className="num">{left ? <b>{minutes(left.p50)}</b> : <span className="third">–</span>}</span>
                                            <span role="cell" className="num second">{site.dependents > 0 ? number(site.dependents) : ""}</span>
                                            <span role="cell" className="num second">{site.active_alarms > 0 ? number(site.active_alarms) : ""}</span>
                                            <span role="cell" className="num">{site.incident_number && <Link className="mono" to={`/incidents/${site.incident_number}`}>{site.incident_number}</Link>}</span>
                                        </div>
                                    );
                                })}
                            </div>
                        </div>
                    </div>
                    <p className="meta long-foot">{tn("sites.shown", ids.length)}</p>
                </div>
            )}
        </div>
    );
}
