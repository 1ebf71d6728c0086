// Triage on a phone: sentence, cause with probability, minutes, one button.

import type { IncidentView } from "../../api/types";
import { SeverityMark } from "../../components/marks";
import { Blocks, Empty, ErrorNote } from "../../components/states";
import { bandEnds, clock, minutesFigure, number, probability } from "../../format";
import { isOver, nextLoss, owner, type Counts, type Group, type TriageFilter } from "../../logic/triage";
import { Link, setQuery, useLocation } from "../../router/router";
import type { Commander } from "../../state/commands";
import { t, tn, type Key } from "../../text";

interface Props {
    groups: readonly Group[];
    counts: Counts;
    filter: TriageFilter;
    now: number;
    ready: boolean;
    commander: Commander;
    onAcknowledge: (item: IncidentView) => void;
    folded: number;
}

function Figure({ item, now }: { item: IncidentView; now: number }) {
    const loss = nextLoss(item, now);
    const held = owner(item);
    if (loss.kind === "ahead") {
        const { value, unit } = minutesFigure(loss.p50);
        return (
            <div>
                <b className={`card-figure${loss.p50 < 15 ? " critical" : ""}`}>{`${value} ${unit}`}</b>
                <span className="meta">{t("card.next", bandEnds(loss.p10, loss.p90))}</span>
            </div>
        );
    }
    return (
        <div>
            <b className="card-figure">{isOver(item) ? t("loss.over") : loss.kind === "down" ? t("loss.down") : "–"}</b>
            <span className="meta">{loss.since ? t("loss.since", { at: clock(loss.since) }) : t("loss.none")}{held ? `, ${t("card.has", { name: held })}` : ""}</span>
        </div>
    );
}

function Card({ item, now, commander, onAcknowledge }: { item: IncidentView; now: number; commander: Commander; onAcknowledge: (item: IncidentView) => void }) {
    const cause = item.snapshot.root_cause_candidates[0];
    const canTake = commander.allowed && item.snapshot.needs_person && !isOver(item) && !owner(item);
    const critical = item.snapshot.severity === "critical";
    return (
        <li className="card">
            <Link to={`/incidents/${item.number}`} className="plain-link card-top">
                <SeverityMark severity={isOver(item) ? "cleared" : item.snapshot.severity} size={15} />
                <span className="grow">
                    <span className="strong card-title">{item.snapshot.title}</span>
                    <span className="meta">
                        {cause ? cause.label : t("cause.unknown")}
                        {cause && (
                            <>
                                , <span className="second">{probability(cause.probability)}</span>
                            </>
                        )}
                    </span>
                </span>
            </Link>
            <div className="card-foot">
                <Figure item={item} now={now} />
                {canTake ? (
                    <button className={`button${critical ? " primary" : ""}`} disabled={!commander.online || commander.busy} onClick={() => onAcknowledge(item)}>
                        {t("command.acknowledge")}
                    </button>
                ) : (
                    <Link className="button" to={`/incidents/${item.number}`}>
                        {t("peek.open")}
                    </Link>
                )}
            </div>
        </li>
    );
}

export function Cards({ groups, counts, now, ready, commander, onAcknowledge, folded }: Props) {
    const { query } = useLocation();
    const shown = query.get("show") ?? "needs";
    const me = query.get("tab") === "mine";
    const tabs = [
        { name: "needs", count: counts.needs },
        { name: "watching", count: counts.watching },
        { name: "mine", count: counts.mine },
    ] as const;
    const active = me ? "mine" : shown;
    const items = groups.filter((group) => (me ? group.name !== "resolved" : group.name === shown)).flatMap((group) => group.items);
    return (
        <div className="cards">
            <h1>{t(`cards.${active}` as Key)}</h1>
            <p className="meta">{t("cards.summary", { needs: counts.needs, open: counts.open, alarms: number(folded) })}</p>
            <div className="segments" role="group" aria-label={t("triage.tabs")}>
                {tabs.map(({ name, count }) => (
                    <button key={name} aria-pressed={active === name} onClick={() => setQuery(name === "mine" ? { tab: "mine", show: null } : { tab: null, show: name === "needs" ? null : name })}>
                        {t(`cards.tab.${name}`)} {count}
                    </button>
                ))}
            </div>
            {commander.error !== null && <ErrorNote title={t("failed.acknowledge")} error={commander.error} onRetry={commander.retry} />}
            {!ready && <Blocks heights={[150, 150]} />}
            {ready && items.length === 0 && <Empty good title={active === "needs" ? t("needs.none") : t("triage.none")}>{counts.watching > 0 && active === "needs" ? tn("needs.watching", counts.watching) : undefined}</Empty>}
            <ul>
                {items.map((item) => (
                    <Card key={item.snapshot.incident_id} item={item} now={now} commander={commander} onAcknowledge={onAcknowledge} />
                ))}
            </ul>
            {active === "needs" && items.length > 0 && counts.watching > 0 && <p className="second card-note">{tn("cards.note", counts.watching)}</p>}
        </div>
    );
}
