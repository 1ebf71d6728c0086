// Raw alarms: was this alarm raised, and which incident holds it? A window over up to 100,000 rows.

import { useEffect, useMemo, useState } from "react";
import type { AlarmView, Severity } from "../../api/types";
import { severityWord } from "../../components/marks";
import { Blocks, Empty, ErrorNote } from "../../components/states";
import { Place } from "../../components/TopBar";
import { clock, number } from "../../format";
import { scrollHeight } from "../../logic/window";
import { useRowWindow } from "../../state/rowWindow";
import { navigate, setQuery, useLocation } from "../../router/router";
import { useNow, usePhone } from "../../state/hooks";
import { useKeys, Key } from "../../state/keys";
import { useLongList } from "../../state/pages";
import { onServer, useLive } from "../../state/store";
import { t, tn } from "../../text";
import { Icon } from "../../components/icons";
import { AlarmLine, AlarmCard } from "./AlarmRows";

const severities: Severity[] = ["critical", "major", "minor", "warning"];
const rowHeight = 34;
const cardHeight = 76;

export default function Alarms() {
    const { query } = useLocation();
    const phone = usePhone();
    const now = useNow(10_000);
    const scope = query.get("scope") === "all" ? "all" : "active";
    const least = severities.find((name) => name === query.get("min"));
    const params = [scope === "active" ? "active=true" : "", least ? `min_severity=${least}` : "", query.get("site") ? `site_id=${encodeURIComponent(query.get("site") as string)}` : "", query.get("incident") ? `incident_id=${encodeURIComponent(query.get("incident") as string)}` : ""].filter(Boolean).join("&");
    const list = useLongList<AlarmView>(`/alarms${params ? `?${params}` : ""}`);
    const live = useLive((data) => data.alarms);
    const [at, setAt] = useState(0);
    const height = phone ? cardHeight : rowHeight;
    const sight = useRowWindow(list.total, height, !list.loading);
    const view = sight.view;
    useEffect(() => list.want(view.end), [view.end, list]);
    // A row the feed knows better than the page fetched earlier shows the feed's value, in place.
    const rows = useMemo(() => list.items.slice(view.first, view.end).map((item) => live.get(item.alarm.alarm_id) ?? item), [list.items, view.first, view.end, live]);
    const known = useMemo(() => new Set(list.items.slice(0, 600).map((item) => item.alarm.alarm_id)), [list.items]);
    const fresh = useMemo(() => [...live.values()].filter((item) => Date.parse(item.alarm.changed_at) > list.at - 60_000 && !known.has(item.alarm.alarm_id) && (!least || severities.indexOf(item.alarm.perceived_severity) <= severities.indexOf(least))), [live, known, list.at, least]);
    const incidents = new Set(fresh.map((item) => item.incident_number).filter(Boolean)).size;
    const showNew = () => {
        list.reload();
        sight.toTop();
    };
    const go = (key: string) => {
        const next = sight.move(at, key);
        setAt(next);
        sight.show(next);
    };
    const open = (item: AlarmView | undefined) => item && navigate(item.incident_number ? `/incidents/${item.incident_number}` : `/sites/${encodeURIComponent(item.alarm.site_id)}`);
    useKeys({ j: () => go("j"), k: () => go("k"), arrowdown: () => go("ArrowDown"), arrowup: () => go("ArrowUp"), enter: () => open(list.items[at]), n: showNew });
    return (
        <div className="screen alarms">
            <Place>
                <strong>{t("place.alarms")}</strong>
            </Place>
            <h1 className="sr">{t("place.alarms")}</h1>
            <div className="toolbar">
                <div className="tabs" role="group" aria-label={t("alarms.scope")}>
                    {(["active", "all"] as const).map((name) => (
                        <button key={name} className="tab" aria-pressed={scope === name} onClick={() => setQuery({ scope: name === "active" ? null : name })}>
                            {t(`alarms.${name}`)} {scope === name && list.total > 0 && <span className="count">{number(list.total)}</span>}
                        </button>
                    ))}
                </div>
                {!phone && list.total > 0 && <span className="meta cut">{t("alarms.showing", { from: number(view.seenFirst + 1), to: number(view.seenEnd), total: number(list.total), at: clock(onServer(list.at), true) })}</span>}
                <span className="grow" />
                <label className="row second">
                    {!phone && t("alarms.least")}
                    <select className="field least" aria-label={t("alarms.least")} value={least ?? ""} onChange={(event) => setQuery({ min: event.target.value || null })}>
                        <option value="">{t("alarms.any")}</option>
                        {severities.map((name) => (
                            <option key={name} value={name}>
                                {severityWord(name)}
                            </option>
                        ))}
                    </select>
                </label>
            </div>
            {list.error && <ErrorNote title={t("error.alarms")} error={list.error} onRetry={list.reload} />}
            {list.loading && <div className="panel-body"><Blocks heights={[34, 34, 34, 34, 34, 34]} gap={4} /></div>}
            {!list.loading && list.total === 0 && !list.error && <Empty good title={scope === "active" ? t("alarms.noneActive") : t("alarms.none")}>{t("alarms.noneWhy")}</Empty>}
            {list.total > 0 && (
                <div className="long-wrap">
                    {fresh.length > 0 && (
                        <button className="new-pill" onClick={showNew}>
                            <Icon name="up" size={14} /> {tn("pill.alarms", fresh.length)} {incidents > 0 && tn("pill.incidents", incidents)} <Key>N</Key>
                        </button>
                    )}
                    <div className="long" {...sight.frame}>
                        <div role="table" aria-rowcount={list.total + 1} aria-label={t("place.alarms")}>
                            {!phone && (
                                <div role="row" aria-rowindex={1} className="alarm-line head">
                                    <span role="columnheader"><span className="sr">{t("column.severity")}</span></span>
                                    <span role="columnheader">{t("alarms.raised")}</span>
                                    <span role="columnheader">{t("alarms.alarm")}</span>
                                    <span role="columnheader">{t("column.site")}</span>
                                    <span role="columnheader">{t("alarms.detail")}</span>
                                    <span role="columnheader" className="num">{t("column.incident")}</span>
                                </div>
                            )}
                            <div role="rowgroup" style={{ position: "relative", height: scrollHeight(list.total, height) }}>
                                {rows.map((item, index) => {
                                    const row = view.first + index;
                                    const shared = { item, now, top: row * height, index: row, focused: row === at, onSelect: () => setAt(row), onOpen: () => open(item) };
                                    return phone ? <AlarmCard key={item.alarm.alarm_id} {...shared} /> : <AlarmLine key={item.alarm.alarm_id} {...shared} />;
                                })}
                                {list.items.length < view.end && <p className="meta long-note" style={{ top: Math.max(view.first, list.items.length) * height + 8 }}>{t("state.loading")}</p>}
                            </div>
                        </div>
                    </div>
                </div>
            )}
        </div>
    );
}
