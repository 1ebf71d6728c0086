// A site: where is power coming from, how long does it last, can I trust the sensors?

import { useMemo } from "react";
import type { AlarmView, Page, SiteView } from "../../api/types";
import { SeverityMark, StateMark, stateSeverity, stateWord } from "../../components/marks";
import { Blocks, ErrorNote, Stale } from "../../components/states";
import { Place } from "../../components/TopBar";
import { minutesFigure, number, span } from "../../format";
import { remaining, remainingSecond } from "../../logic/autonomy";
import { powerChain } from "../../logic/powerChain";
import { Link, navigate } from "../../router/router";
import { useNow, usePhone, useQuery } from "../../state/hooks";
import { useKeys } from "../../state/keys";
import { useLive } from "../../state/store";
import { t, tn, type Key } from "../../text";
import { EventHistory } from "./EventHistory";
import { Inventory } from "./Inventory";
import { PowerChainPhone } from "./PowerChainPhone";
import { PowerChainSvg } from "./PowerChainSvg";
import { SiteAlarms } from "./SiteAlarms";
import { SiteForecasts } from "./SiteForecasts";
import { SiteCharts } from "./SiteCharts";

const tabs = ["power", "radio", "backhaul", "environment", "access", "fuel", "history"] as const;
/// Silent for longer than this, every figure carries its age.
const dataPromise = 300;

function Figure({ label, value, unit, tone = "" }: { label: string; value: string; unit?: string; tone?: string }) {
    return (
        <div>
            <span className="meta">{label}</span>
            <span className={`site-figure ${tone}`}>
                <b>{value}</b> {unit && <span className="meta">{unit}</span>}
            </span>
        </div>
    );
}

function Header({ view, now, phone }: { view: SiteView; now: number; phone: boolean }) {
    const { site } = view;
    const left = view.autonomy ? remaining(view.autonomy, now) : undefined;
    const figure = left ? minutesFigure(left.p50) : undefined;
    const second = view.autonomy ? remainingSecond(view.autonomy, now) : undefined;
    const age = view.last_event_at ? Math.max(0, (now - Date.parse(view.last_event_at)) / 1000) : undefined;
    const tone = stateSeverity[view.state] ?? "";
    const place = [site.region, site.lat !== undefined && site.lon !== undefined ? `${number(Math.abs(site.lat), 4)} ${site.lat < 0 ? "S" : "N"} ${number(Math.abs(site.lon), 4)} ${site.lon < 0 ? "W" : "E"}` : ""].filter(Boolean).join(", ");
    return (
        <header className="site-head">
            <div className="grow">
                <div className="incident-meta">
                    <span className="mono second">{site.site_id}</span>
                    <span className="row">
                        <StateMark state={view.state} quiet />
                        <span className={`strong ${tone}`}>{stateWord(view.state)}</span>
                    </span>
                    {(site.is_hub || view.dependents > 0) && <span className="chip">{site.is_hub ? `${t("site.hub")}, ${tn("site.behind", view.dependents)}` : tn("site.behind", view.dependents)}</span>}
                    {site.grid_class && <span className="chip">{t("site.gridClass", { class: site.grid_class })}</span>}
                    {site.operators.length > 0 && <span className="chip">{site.operators.join(", ")}</span>}
                    {age !== undefined && age > dataPromise && <Stale seconds={age} />}
                </div>
                <h1 className="site-name">
                    {site.name} <small>{place}</small>
                </h1>
                {view.state_reason && <p className="second">{view.state_reason}</p>}
            </div>
            <div className="site-figures">
                {left && figure ? <Figure label={t("site.left")} value={figure.value} unit={figure.unit} tone={left.p50 < 15 ? "critical" : ""} /> : null}
                {second ? <Figure label="LVD 2" value={minutesFigure(second.p50).value} unit={minutesFigure(second.p50).unit} /> : null}
                {age !== undefined && <Figure label={t("site.age")} value={span(age)} />}
                <Figure label={t("site.alarms")} value={number(view.active_alarms)} />
                {!phone && site.load_kw !== undefined && <Figure label={t("site.load")} value={number(site.load_kw, 1)} unit="kW" />}
            </div>
        </header>
    );
}

export default function SitePage({ id, tab: asked }: { id: string; tab: string }) {
    const tab = tabs.find((name) => name === asked) ?? "power";
    const phone = usePhone();
    const now = useNow(5000);
    const live = useLive((data) => data.sites.get(id));
    const incidents = useLive((data) => data.incidents);
    const beat = Math.floor(now / 5000);
    const query = useQuery<SiteView>(`/sites/${encodeURIComponent(id)}`, beat, 4000);
    const alarmQuery = useQuery<Page<AlarmView>>(`/alarms?active=true&site_id=${encodeURIComponent(id)}&limit=100`, `${live?.active_alarms ?? 0}/${Math.floor(now / 15_000)}`, 2000);
    // The feed's state and minutes are newer; the values are the page's own.
    const view = useMemo<SiteView | undefined>(() => {
        if (!query.data) return live;
        return live ? { ...query.data, ...live, latest: query.data.latest ?? [] } : query.data;
    }, [query.data, live]);
    const alarms = alarmQuery.data?.items ?? [];
    const incident = view?.incident_number ? [...incidents.values()].find((item) => item.number === view.incident_number) : undefined;
    useKeys({
        i: () => view?.incident_number && navigate(`/incidents/${view.incident_number}`),
        escape: () => navigate("/sites"),
    });
    const chain = useMemo(() => (view ? powerChain(view, alarms, now) : undefined), [view, alarms, now]);
    const place = (
        <Place>
            <Link to="/sites">{t("place.sites")}</Link> / {view?.site.region && <Link to={`/sites?region=${encodeURIComponent(view.site.region)}`}>{view.site.region}</Link>} / <strong>{view?.site.name ?? id}</strong>
        </Place>
    );
    if (!view || !chain)
        return (
            <div className="screen site">
                {place}
                {query.error ? <ErrorNote title={t("error.site")} error={query.error} onRetry={query.reload} /> : <Blocks heights={[60, 360, 240]} />}
            </div>
        );
    return (
        <div className="screen site">
            {place}
            <Header view={view} now={now} phone={phone} />
            {query.error && <ErrorNote title={t("error.site")} error={query.error} onRetry={query.reload} />}
            <div className="site-bar">
            <nav className="tabs site-tabs" aria-label={t("site.tabs")}>
                {tabs.map((name) => (
                    <Link key={name} className="tab" to={`/sites/${encodeURIComponent(id)}${name === "power" ? "" : `/${name}`}`} aria-current={name === tab ? "page" : undefined}>
                        {t(`site.tab.${name}` as Key)}
                    </Link>
                ))}
            </nav>
            {incident && (
                <Link to={`/incidents/${incident.number}`} className={`site-incident ${incident.snapshot.severity}`}>
                    <SeverityMark severity={incident.snapshot.severity} />
                    <strong>{incident.number}</strong>
                    <span className="second cut">{incident.snapshot.title}</span>
                </Link>
            )}
            </div>
            {tab === "history" ? (
                <EventHistory id={id} now={now} />
            ) : (
                <div className="site-grid">
                    {tab === "power" && (
                        <section className="panel chain-panel">
                            <div className="panel-head">
                                <h2>{t("chain.title")}</h2>
                                <div className="row second chain-legend">
                                    <span className="row">
                                        <i className="wire-live" /> {t("chain.carries")}
                                    </span>
                                    <span className="row">
                                        <i className="wire-dead" /> {t("chain.dead")}
                                    </span>
                                </div>
                            </div>
                            {phone ? <PowerChainPhone chain={chain} site={view.site} now={now} /> : <PowerChainSvg chain={chain} site={view.site} now={now} />}
                        </section>
                    )}
                    <SiteCharts id={id} tab={tab} view={view} now={now} alone={tab !== "power"} />
                    <SiteAlarms alarms={alarms} incident={incident} now={now} loading={!alarmQuery.data} />
                    <SiteForecasts id={id} now={now} />
                    <Inventory view={view} />
                </div>
            )}
        </div>
    );
}
