// Dead letters: what was refused, why, and what is to become of it. A table by filter, one letter beside it.

import { useEffect, useMemo, useState } from "react";
import { post } from "../../api/client";
import type { DeadLetterSummary, DeadLetterView } from "../../api/types";
import { Blocks, Empty, ErrorNote } from "../../components/states";
import { say } from "../../components/Toasts";
import { Place } from "../../components/TopBar";
import { fullTime, number, when } from "../../format";
import { letterStates } from "../../logic/deadLetters";
import { scrollHeight } from "../../logic/window";
import { useRowWindow } from "../../state/rowWindow";
import { Link, setQuery, useLocation } from "../../router/router";
import { useNow, usePhone, useQuery } from "../../state/hooks";
import { useKeys, Key } from "../../state/keys";
import { useLongList } from "../../state/pages";
import { mayCommand, usePrincipal } from "../../state/session";
import { t, tn } from "../../text";
import { LetterDetail, stateWord } from "./LetterDetail";
import { DiscardDialog, FixDialog, refusal, RetryAllDialog, treatAll } from "./LetterDialogs";

const spans: Record<string, number> = { "1h": 3_600_000, "24h": 86_400_000, "7d": 604_800_000 };
/// Where events belong, by kind of topic; an address may name any other topic.
const topics: Record<string, string> = { events: "towerco.sites.*.events", incidents: "towerco.incidents.*.lifecycle", alerts: "towerco.alerts.*.notifications", kpis: "towerco.kpis.*.metrics" };
const rowHeight = 42;
const cardHeight = 88;

type Open = "fix" | "discard" | "retryAll" | "discardAll" | null;

export default function Letters() {
    const { query } = useLocation();
    const principal = usePrincipal();
    const phone = usePhone();
    const now = useNow(5000);
    const state = letterStates.find((name) => name === query.get("state")) ?? (query.get("state") === "all" ? undefined : "waiting");
    const reason = query.get("reason") ?? "";
    const site = query.get("site") ?? "";
    const topic = query.get("topic") ?? "";
    const span = query.get("in") ?? "";
    // The beginning of the span stands still until another is chosen, or the list would never be the same twice.
    const from = useMemo(() => (spans[span] ? new Date(Math.floor((Date.now() - (spans[span] as number)) / 60_000) * 60_000).toISOString() : ""), [span]);
    const filter: Record<string, string> = { ...(reason ? { reason } : {}), ...(site ? { site_id: site } : {}), ...(topic ? { topic: topics[topic] ?? topic } : {}), ...(from ? { from } : {}) };
    const params = new URLSearchParams(filter).toString();
    const list = useLongList<DeadLetterView>(`/dead-letters?${new URLSearchParams({ ...filter, ...(state ? { state } : {}) }).toString()}`);
    const beat = Math.floor(now / 5000);
    const others = new URLSearchParams(Object.entries(filter).filter(([name]) => name !== "reason")).toString();
    const summary = useQuery<DeadLetterSummary>(`/dead-letters/summary${params ? `?${params}` : ""}`, beat, 3000);
    const reasons = useQuery<DeadLetterSummary>(`/dead-letters/summary?${[others, state ? `state=${state}` : ""].filter(Boolean).join("&")}`, beat, 3000);
    const [at, setAt] = useState(0);
    const [open, setOpen] = useState<Open>(null);
    const [error, setError] = useState<unknown>(null);
    const [note, setNote] = useState<string | null>(null);
    const [busy, setBusy] = useState(false);
    const height = phone ? cardHeight : rowHeight;
    const sight = useRowWindow(list.total, height, !list.loading);
    const view = sight.view;
    const listed = list.items[at];
    const chosenID = query.get("id") ?? (phone ? null : listed ? String(listed.id) : null);
    const chosen = useQuery<DeadLetterView>(chosenID === null ? null : `/dead-letters/${chosenID}`, list.at, 200);
    const waiting = summary.data?.by_state.find((each) => each.state === "waiting")?.count ?? 0;
    const fresh = state === "waiting" && list.at > 0 ? Math.max(0, waiting - list.total) : 0;
    const may = mayCommand(principal);

    useEffect(() => list.want(view.end), [view.end, list]);
    useEffect(() => setAt(0), [params, state]);
    useEffect(() => setNote(null), [chosenID]);

    const choose = (row: number) => {
        setAt(row);
        const item = list.items[row];
        if (item) setQuery({ id: phone ? String(item.id) : null });
    };
    const go = (key: string) => {
        const next = sight.move(at, key);
        choose(next);
        sight.show(next);
    };
    const refresh = () => {
        list.reload();
        summary.reload();
        reasons.reload();
        chosen.reload();
    };
    const letter = chosen.data;
    const run = async (work: () => Promise<string | null>) => {
        setBusy(true);
        setError(null);
        setOpen(null);
        try {
            const said = await work();
            if (said !== null) say(said);
        } catch (cause) {
            const why = refusal(cause);
            if (why === null) setError(cause);
            else setNote(t("letters.refused", { why }));
        }
        setBusy(false);
        refresh();
    };
    const retry = () =>
        void (letter && run(async () => {
            await post(`/dead-letters/${letter.id}/retry`, {});
            return letter.group === undefined ? tn("letters.retried", 1) : t("letters.wasPutBack");
        }));
    const discard = (why: string) =>
        void (letter && run(async () => {
            await post(`/dead-letters/${letter.id}/discard`, { why });
            return tn("letters.discarded", 1);
        }));
    const all = (action: "retry" | "discard", why?: string) =>
        void run(async () => {
            const tally = await treatAll(action, filter, why);
            const done = tn(action === "retry" ? "letters.retried" : "letters.discarded", tally.done, { n: number(tally.done) });
            return [done, tally.refused > 0 ? tn("letters.stillWrong", tally.refused, { n: number(tally.refused) }) : "", tally.left ? t("letters.more") : ""].filter(Boolean).join(", ");
        });
    const acts = may && letter?.state === "waiting" && !busy;
    useKeys({
        j: () => go("j"), k: () => go("k"), arrowdown: () => go("ArrowDown"), arrowup: () => go("ArrowUp"), n: refresh,
        r: () => acts && !letter?.is_cut && retry(), m: () => acts && letter?.group === undefined && setOpen("fix"), w: () => acts && setOpen("discard"),
        escape: () => query.get("id") && setQuery({ id: null }),
    });
    const words = [reason, site, topics[topic] ? t(`letters.topic.${topic}` as "letters.topic.events") : topic, span ? t(`letters.span.${span}` as "letters.span.1h") : ""].filter(Boolean).join(", ") || t("letters.everything");
    const detail = letter && chosenID !== null && (
        <LetterDetail letter={letter} now={now} may={may} busy={busy} note={note} onRetry={retry} onFix={() => setOpen("fix")} onDiscard={() => setOpen("discard")} {...(phone ? { onBack: () => setQuery({ id: null }) } : {})} />
    );
    const shows = phone && chosenID !== null;
    return (
        <div className="screen alarms letters-screen">
            <Place>
                <Link to="/platform">{t("place.platform")}</Link> <span className="third">/</span> <strong>{t("letters.title")}</strong>
            </Place>
            <h1 className="sr">{t("letters.title")}</h1>
            {!shows && (
                <div className="toolbar letter-bar">
                    <div className="tabs" role="group" aria-label={t("letters.states")}>
                        {[...letterStates, "all" as const].map((name) => {
                            const count = name === "all" ? summary.data?.total : summary.data?.by_state.find((each) => each.state === name)?.count;
                            if (name !== "waiting" && name !== "all" && !count && state !== name) return null;
                            return (
                                <button key={name} className="tab" aria-pressed={(state ?? "all") === name} onClick={() => setQuery({ state: name === "waiting" ? null : name, id: null })}>
                                    {name === "all" ? t("letters.all") : stateWord(name)} <span className="count">{number(count ?? 0)}</span>
                                </button>
                            );
                        })}
                    </div>
                    <span className="grow" />
                    <select className="field least" aria-label={t("letters.reason")} value={reason} onChange={(event) => setQuery({ reason: event.target.value || null, id: null })}>
                        <option value="">{t("letters.anyReason")}</option>
                        {(reasons.data?.by_reason ?? []).map((each) => (
                            <option key={each.reason_code} value={each.reason_code}>
                                {each.reason_code} ({number(each.count)})
                            </option>
                        ))}
                        {reason && !reasons.data?.by_reason.some((each) => each.reason_code === reason) && <option value={reason}>{reason}</option>}
                    </select>
                    <select className="field least" aria-label={t("letters.topic")} value={topic} onChange={(event) => setQuery({ topic: event.target.value || null, id: null })}>
                        <option value="">{t("letters.anyTopic")}</option>
                        {Object.keys(topics).map((name) => (
                            <option key={name} value={name}>{t(`letters.topic.${name}` as "letters.topic.events")}</option>
                        ))}
                        {topic && !topics[topic] && <option value={topic}>{topic}</option>}
                    </select>
                    <select className="field least" aria-label={t("letters.in")} value={span} onChange={(event) => setQuery({ in: event.target.value || null, id: null })}>
                        <option value="">{t("letters.anyTime")}</option>
                        {Object.keys(spans).map((name) => (
                            <option key={name} value={name}>{t(`letters.span.${name}` as "letters.span.1h")}</option>
                        ))}
                    </select>
                    <input key={site} className="field letter-site mono" type="search" aria-label={t("letters.site")} placeholder={t("letters.site")} defaultValue={site}
                        onKeyDown={(event) => event.key === "Enter" && setQuery({ site: event.currentTarget.value.trim() || null, id: null })}
                        onBlur={(event) => setQuery({ site: event.currentTarget.value.trim() || null })} />
                    {may && state === "waiting" && list.total > 0 && (
                        <>
                            <button className="button small" disabled={busy} onClick={() => setOpen("retryAll")}>{t("letters.retryAll")}</button>
                            <button className="button small letter-least" disabled={busy} onClick={() => setOpen("discardAll")}>{t("letters.discardAll")}</button>
                        </>
                    )}
                </div>
            )}
            {error !== null && <ErrorNote title={t("letters.failed")} error={error} />}
            {list.error && <ErrorNote title={t("error.platform")} error={list.error} onRetry={list.reload} />}
            {shows ? detail : (
                <div className="letters-body">
                    <div className="letters-list">
                        {list.loading && <div className="panel-body"><Blocks heights={[42, 42, 42, 42]} gap={4} /></div>}
                        {!list.loading && !list.error && list.total === 0 && (
                            <Empty good={state === "waiting"} title={state === "waiting" && !params ? t("letters.none") : t("letters.noMatch")}>
                                {state === "waiting" && !params ? t("letters.noneWhy") : undefined}
                            </Empty>
                        )}
                        {list.total > 0 && (
                            <div className="long-wrap">
                                {fresh > 0 && (
                                    <button className="new-pill" onClick={refresh}>{tn("letters.fresh", fresh, { n: number(fresh) })} <Key>N</Key></button>
                                )}
                                <div className="long" {...sight.frame}>
                                    <div role="table" aria-rowcount={list.total + 1} aria-label={t("letters.title")}>
                                        {!phone && (
                                            <div role="row" aria-rowindex={1} className="letter-line head">
                                                <span role="columnheader">{t("letters.at")}</span>
                                                <span role="columnheader">{t("letters.reason")}</span>
                                                <span role="columnheader">{t("letters.site")}</span>
                                                <span role="columnheader">{t("letters.origin")}</span>
                                                <span role="columnheader" className="num">{t("letters.tries")}</span>
                                                {state === undefined && <span role="columnheader">{t("letters.stands")}</span>}
                                            </div>
                                        )}
                                        <div role="rowgroup" style={{ position: "relative", height: scrollHeight(list.total, height) }}>
                                            {list.items.slice(view.first, view.end).map((item, index) => {
                                                const row = view.first + index;
                                                const style = { transform: `translateY(${row * height}px)` };
                                                const selected = !phone && row === at;
                                                return phone ? (
                                                    <button key={item.id} className="letter-card" style={style} onClick={() => choose(row)}>
                                                        <span className="spread"><span className="mono strong cut">{item.reason_code}</span><span className="meta nowrap">{when(item.at, now)}</span></span>
                                                        <span className="second cut">{item.detail}</span>
                                                        <span className="mono third cut">{item.site_id ?? item.origin}</span>
                                                    </button>
                                                ) : (
                                                    <div key={item.id} role="row" aria-rowindex={row + 2} aria-current={selected || undefined} className={`letter-line${selected ? " selected" : ""}`} style={style} onClick={() => choose(row)}>
                                                        <span role="cell" className="nowrap cut" title={fullTime(item.at)}>{when(item.at, now, true)}</span>
                                                        <span role="cell" className="letter-why"><span className="mono cut">{item.reason_code}</span><span className="second cut">{item.detail}</span></span>
                                                        <span role="cell" className="mono second cut">{item.site_id ?? "–"}</span>
                                                        <span role="cell" className="mono third cut">{item.origin}</span>
                                                        <span role="cell" className="num second">{item.attempts}</span>
                                                        {state === undefined && <span role="cell" className="second cut">{stateWord(item.state)}</span>}
                                                    </div>
                                                );
                                            })}
                                        </div>
                                    </div>
                                </div>
                            </div>
                        )}
                    </div>
                    {!phone && <aside className="letters-side" aria-label={t("letters.chosen")}>{detail || <p className="second">{list.total > 0 ? t("state.loading") : ""}</p>}</aside>}
                </div>
            )}
            {open === "fix" && letter && <FixDialog letter={letter} onClose={() => setOpen(null)} onDone={() => void run(() => Promise.resolve(tn("letters.retried", 1)))} />}
            {open === "discard" && letter && <DiscardDialog count={1} onClose={() => setOpen(null)} onSend={discard} />}
            {open === "discardAll" && <DiscardDialog count={list.total} onClose={() => setOpen(null)} onSend={(why) => all("discard", why)} />}
            {open === "retryAll" && <RetryAllDialog count={list.total} filter={words} onClose={() => setOpen(null)} onGo={() => all("retry")} />}
        </div>
    );
}
