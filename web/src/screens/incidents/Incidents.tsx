// Triage: which one do I take now, and which can I leave alone?

import { useEffect, useMemo, useRef, useState } from "react";
import type { IncidentView } from "../../api/types";
import { CommandDialog, type DialogVerb } from "../../components/CommandDialogs";
import { Blocks, Empty, ErrorNote } from "../../components/states";
import { Place } from "../../components/TopBar";
import { clock, number, span } from "../../format";
import { countIncidents, fillHeld, groupIncidents, hold, isOpen, isOwned, waiting, type Held, type Sort, type Tab, type TriageFilter } from "../../logic/triage";
import { navigate, setQuery, useLocation } from "../../router/router";
import { useCommander } from "../../state/commands";
import { useNow, usePhone } from "../../state/hooks";
import { useKeys } from "../../state/keys";
import { usePrincipal } from "../../state/session";
import { useLive } from "../../state/store";
import { t, type Key } from "../../text";
import { Cards } from "./Cards";
import { KeyHints } from "./KeyHints";
import { NewPill } from "./NewPill";
import { Peek } from "./Peek";
import { Toolbar } from "./Toolbar";
import { TriageList } from "./TriageList";

const sorts: readonly string[] = ["next", "reach", "severity", "age"];
const tabs: readonly string[] = ["open", "mine", "unowned", "resolved"];

/// Whether the list may rearrange itself: nobody scrolled, chose, hovers or typed in the last 5 s.
function useQuiet(scroller: React.RefObject<HTMLElement>, chosen: boolean): { quiet: () => boolean; hovering: React.MutableRefObject<boolean> } {
    const typedAt = useRef(-Infinity);
    const hovering = useRef(false);
    useEffect(() => {
        const typed = () => (typedAt.current = performance.now());
        document.addEventListener("keydown", typed);
        return () => document.removeEventListener("keydown", typed);
    }, []);
    const quiet = () => !chosen && !hovering.current && (scroller.current?.scrollTop ?? 0) < 8 && performance.now() - typedAt.current > 5000;
    return { quiet, hovering };
}

export function Incidents() {
    const { query } = useLocation();
    const principal = usePrincipal();
    const phone = usePhone();
    const now = useNow(5000);
    const incidents = useLive((data) => data.incidents);
    const ready = useLive((data) => data.ready);
    const heardAt = useLive((data) => data.heardAt);
    const sites = useLive((data) => data.sites);
    const commander = useCommander();
    const scroller = useRef<HTMLDivElement>(null);
    const [dialog, setDialog] = useState<DialogVerb | null>(null);
    const [marked, setMarked] = useState<ReadonlySet<string>>(new Set());
    const [filterOpen, setFilterOpen] = useState(query.get("q") !== null);
    const filter: TriageFilter = {
        tab: (tabs.includes(query.get("tab") ?? "") ? query.get("tab") : "open") as Tab,
        sort: (sorts.includes(query.get("sort") ?? "") ? query.get("sort") : "next") as Sort,
        text: query.get("q") ?? "",
        me: principal.name,
    };
    const asked = query.get("sel");
    const { quiet, hovering } = useQuiet(scroller, asked !== null);

    const fresh = useMemo(() => groupIncidents(incidents.values(), filter, now), [incidents, filter.tab, filter.sort, filter.text, filter.me, now]);
    const view = `${filter.tab}/${filter.sort}/${filter.text}`;
    const held = useRef<{ view: string; list: Held; entered: Set<string> }>();
    // Asked for another view, or nobody near the list: lay it out anew. Otherwise what is new waits behind the pill.
    if (!held.current || held.current.view !== view || !ready || quiet()) {
        const before = held.current?.view === view ? held.current.list.alarms : null;
        const list = hold(fresh);
        const entered = new Set(before && before.size > 0 ? [...list.alarms.keys()].filter((id) => !before.has(id)) : []);
        for (const id of held.current?.entered ?? []) if (list.alarms.has(id)) entered.add(id);
        held.current = { view, list, entered };
    }
    const [, redraw] = useState(0);
    const showNew = () => {
        const before = held.current?.list.alarms ?? new Map<string, number>();
        const list = hold(fresh);
        held.current = { view, list, entered: new Set([...list.alarms.keys()].filter((id) => before.get(id) !== list.alarms.get(id))) };
        scroller.current?.scrollTo(0, 0);
        redraw((value) => value + 1);
    };
    const groups = fillHeld(held.current.list, incidents);
    const news = waiting(held.current.list, fresh);
    const flat = groups.flatMap((group) => group.items);
    const selected = flat.find((item) => item.number === asked) ?? flat[0];
    const at = selected ? flat.indexOf(selected) : -1;
    const operators = useMemo(() => [...new Set([...sites.values()].flatMap((site) => site.site.operators))].sort(), [sites]);
    const counts = useMemo(() => countIncidents(incidents.values(), principal.name, now), [incidents, principal.name, now]);

    const select = (item: IncidentView | undefined) => {
        if (!item) return;
        setQuery({ sel: item.number });
        requestAnimationFrame(() => document.getElementById(`row-${item.number}`)?.scrollIntoView({ block: "nearest" }));
    };
    const acknowledge = async (item: IncidentView | undefined) => {
        if (!item || !commander.allowed || !commander.online || !isOpen(item) || item.acknowledged_by) return;
        for (const other of flat)
            if (marked.has(other.number) && other !== item && isOpen(other) && !other.acknowledged_by) await commander.send(other.snapshot.incident_id, { verb: "acknowledge" });
        const done = await commander.send(item.snapshot.incident_id, { verb: "acknowledge" });
        setMarked(new Set());
        // The hand goes on to the next one nobody owns.
        if (done && !phone) select(flat.find((other) => other !== item && isOpen(other) && other.snapshot.needs_person && !isOwned(other)) ?? item);
    };
    const ask = (verb: DialogVerb) => commander.allowed && commander.online && selected && setDialog(verb);
    useKeys({
        j: () => select(flat[Math.min(flat.length - 1, at + 1)]),
        k: () => select(flat[Math.max(0, at - 1)]),
        arrowdown: () => select(flat[Math.min(flat.length - 1, at + 1)]),
        arrowup: () => select(flat[Math.max(0, at - 1)]),
        enter: () => selected && navigate(`/incidents/${selected.number}`),
        a: () => void acknowledge(selected),
        s: () => ask("assign"),
        "shift+s": () => selected && commander.allowed && void commander.send(selected.snapshot.incident_id, { verb: "assign", assignee: principal.name }),
        c: () => ask("comment"),
        m: () => ask("merge"),
        n: showNew,
        x: () => selected && setMarked((before) => new Set(before.has(selected.number) ? [...before].filter((id) => id !== selected.number) : [...before, selected.number])),
        f: () => setFilterOpen(true),
        escape: () => (asked ? setQuery({ sel: null }) : navigate("/")),
    });

    const folded = flat.reduce((sum, item) => sum + item.snapshot.alarm_count, 0);
    return (
        <div className="screen triage">
            <Place>
                <strong>{t("place.incidents")}</strong> <span className="second">{t(`tab.${filter.tab}` as Key)}</span>
            </Place>
            {phone ? (
                <Cards groups={groups} counts={counts} filter={filter} now={now} ready={ready} commander={commander} onAcknowledge={(item) => void acknowledge(item)} folded={folded} />
            ) : (
                <>
                    <h1 className="sr">{t("place.incidents")}</h1>
                    <Toolbar counts={counts} filter={filter} filterOpen={filterOpen} onFilter={setFilterOpen} />
                    <div className="triage-body">
                        <div className="triage-main" onMouseEnter={() => (hovering.current = true)} onMouseLeave={() => (hovering.current = false)}>
                            {news && ready && <NewPill waiting={news} onShow={showNew} />}
                            <div className="triage-scroll" ref={scroller}>
                                {!ready && <div className="panel-body"><Blocks heights={[57, 57, 57, 57]} gap={4} /></div>}
                                {ready && flat.length === 0 && (
                                    <Empty good title={filter.text ? t("triage.noMatch", { text: filter.text }) : t("triage.none")}>
                                        {lastEnd(incidents.values())}
                                    </Empty>
                                )}
                                {flat.length > 0 && <TriageList groups={groups} selected={selected} marked={marked} operators={operators} now={now} entered={held.current.entered} onSelect={select} />}
                            </div>
                        </div>
                        <aside className="peek" aria-label={t("peek.title")}>
                            {commander.error !== null && <ErrorNote title={t(`failed.${commander.failed ?? "acknowledge"}` as Key)} error={commander.error} onRetry={commander.retry} />}
                            {selected && <Peek item={selected} now={now} />}
                        </aside>
                    </div>
                    <KeyHints status={t("triage.status", { age: span(Math.max(0, (Date.now() - heardAt) / 1000)), n: number(folded) })} />
                </>
            )}
            {dialog && selected && <CommandDialog verb={dialog} item={selected} onClose={() => setDialog(null)} onSend={(...commands) => void commander.sendAll(selected.snapshot.incident_id, commands)} />}
        </div>
    );
}

function lastEnd(items: Iterable<IncidentView>): string {
    const ends = [...items].filter((item) => item.snapshot.resolved_at).map((item) => Date.parse(item.snapshot.resolved_at as string));
    return ends.length > 0 ? t("triage.lastEnd", { at: clock(Math.max(...ends)) }) : t("triage.neverAny");
}
