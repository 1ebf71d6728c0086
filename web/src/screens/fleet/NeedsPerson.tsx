import type { IncidentView } from "../../api/types";
import { SeverityMark } from "../../components/marks";
import { Blocks, Empty } from "../../components/states";
import { clock, minutesFigure, nbsp } from "../../format";
import { nextLoss, owner } from "../../logic/triage";
import { Link } from "../../router/router";
import { t, tn } from "../../text";

/// The figure that matters for this incident: minutes to the next loss, or since when something is down.
export function LossFigure({ item, now }: { item: IncidentView; now: number }) {
    const loss = nextLoss(item, now);
    if (loss.kind === "ahead") {
        const figure = minutesFigure(loss.p50);
        return (
            <span className="loss">
                <b className={loss.p50 < 15 ? "critical" : ""}>{figure.unit ? `${figure.value}${nbsp}${figure.unit}` : figure.value}</b>
                <span className="meta">{t("loss.next")}</span>
            </span>
        );
    }
    if (loss.kind === "down")
        return (
            <span className="loss">
                <b>{t("loss.down")}</b>
                <span className="meta">{t("loss.since", { at: clock(loss.since as string) })}</span>
            </span>
        );
    return (
        <span className="loss">
            <b>–</b>
            <span className="meta">{t("loss.none")}</span>
        </span>
    );
}

export function NeedsPerson({ items, watching, now, loading }: { items: readonly IncidentView[]; watching: number; now: number; loading: boolean }) {
    return (
        <section>
            <div className="side-head">
                <h2>{t("needs.title")}</h2>
                <span className="meta">{t("needs.order")}</span>
            </div>
            {loading && <Blocks heights={[52, 52]} />}
            {!loading && items.length === 0 && (
                <Empty good title={t("needs.none")}>
                    {watching > 0 ? tn("needs.watching", watching) : t("needs.calm")}
                </Empty>
            )}
            <ul className="needs">
                {items.slice(0, 4).map((item) => (
                    <li key={item.snapshot.incident_id}>
                        <Link to={`/incidents/${item.number}`} className="plain-link">
                            <SeverityMark severity={item.snapshot.severity} />
                            <span className="grow">
                                <span className="strong needs-title">{item.snapshot.title}</span>
                                <span className="meta">
                                    {item.number}, {item.snapshot.affected_operators.length > 0 && `${tn("operators", item.snapshot.affected_operators.length)}, `}
                                    {owner(item) ?? t("owner.nobody").toLowerCase()}
                                </span>
                            </span>
                            <LossFigure item={item} now={now} />
                        </Link>
                    </li>
                ))}
            </ul>
            {items.length > 4 && <Link to="/incidents">{t("needs.more", { n: items.length - 4 })}</Link>}
        </section>
    );
}
