import { memo } from "react";
import type { IncidentView } from "../../api/types";
import { SeverityMark } from "../../components/marks";
import { OperatorChips } from "../../components/OperatorChips";
import { ProbabilityBar } from "../../components/Probability";
import { bandEnds, clock, minutesFigure, nbsp, personInitials, probability, span } from "../../format";
import { endedAt, isOver, nextLoss, owner, reach } from "../../logic/triage";
import { navigate } from "../../router/router";
import { useChanged } from "../../state/hooks";
import { t } from "../../text";

interface Props {
    item: IncidentView;
    selected: boolean;
    marked: boolean;
    operators: readonly string[];
    now: number;
    entered: boolean;
    onSelect: (item: IncidentView) => void;
}

function Loss({ item, now }: { item: IncidentView; now: number }) {
    const loss = nextLoss(item, now);
    if (isOver(item)) return <>–<span className="meta">{span((endedAt(item) - Date.parse(item.snapshot.onset_at)) / 1000)}</span></>;
    if (loss.kind === "ahead") {
        const { value, unit } = minutesFigure(loss.p50);
        return (
            <>
                <b className={loss.p50 < 15 ? "critical" : ""}>{unit ? `${value}${nbsp}${unit}` : value}</b>
                <span className="meta">{t("loss.band", bandEnds(loss.p10, loss.p90))}</span>
            </>
        );
    }
    if (loss.kind === "down")
        return (
            <>
                <b>{t("loss.down")}</b>
                <span className="meta">{t("loss.since", { at: clock(loss.since as string) })}</span>
            </>
        );
    const pages = item.snapshot.pages_at;
    return <>–<span className="meta">{pages && !item.snapshot.needs_person ? t("loss.pages", { at: clock(pages) }) : t("loss.none")}</span></>;
}

function Owner({ item }: { item: IncidentView }) {
    const name = owner(item);
    if (name) return <span className="avatar" title={name}>{personInitials(name)}<span className="sr">{name}</span></span>;
    return item.snapshot.needs_person && !isOver(item) ? <b>{t("owner.nobody")}</b> : <span className="second">{t("owner.engine")}</span>;
}

/// One incident, 57 px, fixed columns: values change in place.
export const IncidentRow = memo(function IncidentRow({ item, selected, marked, operators, now, entered, onSelect }: Props) {
    const { snapshot } = item;
    const over = isOver(item) || item.status === "merged";
    const hit = reach(item);
    const changed = useChanged(hit.down);
    const cause = snapshot.root_cause_candidates[0];
    const age = over ? clock(endedAt(item)) : span((now - Date.parse(snapshot.onset_at)) / 1000);
    return (
        <tr
            id={`row-${item.number}`}
            className={`incident-row${selected ? " selected" : ""}${entered ? " entered" : ""}${over ? " over" : ""}`}
            aria-current={selected || undefined}
            onClick={() => onSelect(item)}
            onDoubleClick={() => navigate(`/incidents/${item.number}`)}
        >
            <td>
                <SeverityMark severity={over ? "cleared" : snapshot.severity} />
                {marked && <span className="marked-dot" title={t("hint.select")} />}
            </td>
            <td>
                <span className="mono">{item.number}</span>
                <span className="meta">{age}</span>
            </td>
            <td>
                <a className="plain-link medium cut title" href={`/incidents/${item.number}`} onClick={(event) => {
                        event.preventDefault();
                        // A click without a pointer is the Enter key on the link itself.
                        if (event.detail === 0) navigate(`/incidents/${item.number}`);
                    }}>
                    {snapshot.title}
                </a>
                <span className="row meta">
                    {cause && (
                        <>
                            <ProbabilityBar value={cause.probability} />
                            <span className="second">{probability(cause.probability)}</span>
                        </>
                    )}
                    <span className="cut">{cause ? cause.label : t("cause.unknown")}</span>
                </span>
            </td>
            <td className="num">
                {over ? "0" : <b className={`${hit.down === 0 ? "zero" : ""} ${changed}`}>{hit.down}</b>}
                {!over && hit.atRisk > 0 && <span className="meta">{t("row.atRisk", { n: hit.atRisk })}</span>}
            </td>
            <td>
                <OperatorChips all={operators} hit={snapshot.affected_operators} />
            </td>
            <td className="num">
                <Loss item={item} now={now} />
            </td>
            <td className="num">
                <Owner item={item} />
            </td>
        </tr>
    );
});
