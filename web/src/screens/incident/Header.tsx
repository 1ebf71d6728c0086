import { useEffect, useRef, useState } from "react";
import type { IncidentView } from "../../api/types";
import type { DialogVerb } from "../../components/CommandDialogs";
import { SeverityMark, severityWord } from "../../components/marks";
import { fullTime, number, span, when } from "../../format";
import { endedAt, isOpen, isOver, owner } from "../../logic/triage";
import type { Commander } from "../../state/commands";
import { Link } from "../../router/router";
import { Key as KeyCap } from "../../state/keys";
import { usePrincipal } from "../../state/session";
import { useLive } from "../../state/store";
import { t, tn, type Key } from "../../text";

function statusText(item: IncidentView): string {
    if (item.status === "merged") return t("status.merged");
    if (isOver(item)) return t("status.resolved");
    const name = owner(item);
    if (name) return item.acknowledged_by ? t("status.acknowledged", { name }) : t("status.assigned", { name });
    return item.snapshot.needs_person ? t("status.unowned") : t("status.watching");
}

/// Where it came from, where it went, and what left it.
function Lineage({ item }: { item: IncidentView }) {
    const incidents = useLive((data) => data.incidents);
    const name = (id: string) => [...incidents.values()].find((other) => other.snapshot.incident_id === id)?.number ?? id.slice(0, 8);
    const lines: [Key, string][] = [];
    if (item.split_from) lines.push(["lineage.from", item.split_from]);
    const into = item.merged_into ?? item.snapshot.merged_into;
    if (item.status === "merged" && into) lines.push(["lineage.into", into]);
    for (const cut of item.cuts ?? []) lines.push(["lineage.off", cut.into]);
    if (lines.length === 0) return null;
    return (
        <p className="meta lineage">
            {lines.map(([key, id]) => (
                <Link key={key + id} to={`/incidents/${id}`}>
                    {t(key, { number: name(id) })}
                </Link>
            ))}
        </p>
    );
}

function MoreMenu({ item, commander, onAsk }: { item: IncidentView; commander: Commander; onAsk: (verb: DialogVerb | "verdict" | "split") => void }) {
    const [open, setOpen] = useState(false);
    const box = useRef<HTMLDivElement>(null);
    const principal = usePrincipal();
    useEffect(() => {
        if (!open) return;
        const away = (event: Event) => !box.current?.contains(event.target as Node) && setOpen(false);
        document.addEventListener("pointerdown", away);
        return () => document.removeEventListener("pointerdown", away);
    }, [open]);
    const entry = (text: string, run: () => void) => (
        <button
            className="button bare"
            onClick={() => {
                setOpen(false);
                run();
            }}
        >
            {text}
        </button>
    );
    return (
        <div className="more-menu" ref={box}>
            <button className="button" aria-label={t("incident.more")} aria-expanded={open} onClick={() => setOpen(!open)}>
                ···
            </button>
            {open && (
                <div className="menu">
                    {isOpen(item) && entry(t("keys.assignMe"), () => void commander.send(item.snapshot.incident_id, { verb: "assign", assignee: principal.name }))}
                    {isOpen(item) && entry(t("command.resolve"), () => onAsk("resolve"))}
                    {entry(t("command.verdict"), () => onAsk("verdict"))}
                    {isOpen(item) && entry(t("command.merge"), () => onAsk("merge"))}
                    {isOpen(item) && entry(t("command.split"), () => onAsk("split"))}
                    {isOver(item) && entry(t("command.reopen"), () => onAsk("reopen"))}
                </div>
            )}
        </div>
    );
}

export function Header({ item, now, commander, onAcknowledge, onAsk }: { item: IncidentView; now: number; commander: Commander; onAcknowledge: () => void; onAsk: (verb: DialogVerb | "verdict" | "split") => void }) {
    const { snapshot } = item;
    const severity = isOver(item) ? "cleared" : snapshot.severity;
    const lasted = ((isOver(item) ? endedAt(item) : now) - Date.parse(snapshot.onset_at)) / 1000;
    const off = !commander.online || commander.busy;
    return (
        <header className="incident-head">
            <div className="grow">
                <div className="incident-meta">
                    <span className="mono second">{item.number}</span>
                    <span className="row">
                        <SeverityMark severity={severity} quiet />
                        <span className={`strong ${severity}`}>{severityWord(severity)}</span>
                    </span>
                    <span className="chip">{statusText(item)}</span>
                    <span className="meta" title={fullTime(snapshot.opened_at)}>
                        {t("incident.opened", { opened: when(snapshot.opened_at, now, true), onset: when(snapshot.onset_at, now, true), span: span(lasted) })} {tn("incident.folded", snapshot.alarm_count, { n: number(snapshot.alarm_count) })}
                    </span>
                </div>
                <Lineage item={item} />
                <h1 className="sentence">{snapshot.explanation || snapshot.title}</h1>
            </div>
            {commander.allowed && (
                <div className="incident-commands">
                    {isOpen(item) && !item.acknowledged_by && (
                        <button className="button primary" disabled={off} onClick={onAcknowledge} aria-keyshortcuts="a">
                            {t("command.acknowledge")} <KeyCap>A</KeyCap>
                        </button>
                    )}
                    {isOpen(item) && (
                        <button className="button" disabled={off} onClick={() => onAsk("assign")} aria-keyshortcuts="s">
                            {t("command.assign")} <KeyCap>S</KeyCap>
                        </button>
                    )}
                    <button className="button" disabled={off} onClick={() => onAsk("comment")} aria-keyshortcuts="c">
                        {t("command.comment")} <KeyCap>C</KeyCap>
                    </button>
                    {item.status !== "merged" && <MoreMenu item={item} commander={commander} onAsk={onAsk} />}
                </div>
            )}
        </header>
    );
}
