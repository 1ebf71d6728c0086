import type { IncidentView } from "../../api/types";
import { ActionList } from "../../components/ActionList";
import { AutonomyBand } from "../../components/AutonomyBand";
import { SeverityMark, severityWord, Shape } from "../../components/marks";
import { likelihood, ProbabilityBar } from "../../components/Probability";
import { minutesFigure, probability, when } from "../../format";
import { remaining, soonest } from "../../logic/autonomy";
import { isOver } from "../../logic/triage";
import { Link } from "../../router/router";
import { Key } from "../../state/keys";
import { t } from "../../text";

/// The short form of an incident: sentence, minutes, what to do, why, rivals.
export function Peek({ item, now }: { item: IncidentView; now: number }) {
    const { snapshot } = item;
    const [cause, ...rivals] = snapshot.root_cause_candidates;
    const forecast = isOver(item) ? undefined : soonest(snapshot.autonomy, now);
    const left = forecast ? remaining(forecast, now) : undefined;
    const figure = left ? minutesFigure(left.p50) : undefined;
    const severity = isOver(item) ? "cleared" : snapshot.severity;
    return (
        <>
            <div className="row">
                <span className="mono second">{item.number}</span>
                <SeverityMark severity={severity} quiet />
                <span className={`strong ${severity}`}>{severityWord(severity)}</span>
                <span className="grow" />
                <Link to={`/incidents/${item.number}`} className="plain-link row second">
                    {t("peek.open")} <Key>Enter</Key>
                </Link>
            </div>
            <h2 className="peek-sentence">{snapshot.explanation || snapshot.title}</h2>
            {left && figure && (
                <div className="peek-clock">
                    <div>
                        <span className="meta">{t("peek.until")}</span>
                        <span className={`peek-minutes${left.p50 < 15 ? " critical" : ""}`}>
                            {figure.value} <small>{figure.unit}</small>
                        </span>
                    </div>
                    <AutonomyBand left={left} now={now} width={190} />
                </div>
            )}
            {snapshot.actions.length > 0 && !isOver(item) && (
                <section>
                    <h3 className="peek-head">{t("actions.title")}</h3>
                    <ActionList actions={snapshot.actions.slice(0, 3)} />
                </section>
            )}
            {cause && cause.evidence_for.length + cause.evidence_against.length + cause.missing.length > 0 && (
                <section>
                    <h3 className="peek-head">{t("peek.why")}</h3>
                    <ul className="reasons">
                        {cause.evidence_for.slice(0, 3).map((fact) => (
                            <li key={fact.text}>
                                <Shape severity="cleared" size={12} />
                                <span className="grow">{fact.text}</span>
                                <span className="meta">{fact.at ? when(fact.at, now) : ""}</span>
                            </li>
                        ))}
                        {cause.evidence_against.slice(0, 1).map((fact) => (
                            <li key={fact.text}>
                                <span className="cross" aria-hidden="true">×</span>
                                <span className="grow">{t("peek.against", { text: fact.text })}</span>
                                <span className="meta">{fact.at ? when(fact.at, now) : ""}</span>
                            </li>
                        ))}
                        {cause.missing.slice(0, 1).map((fact) => (
                            <li key={fact.text}>
                                <Shape severity="indeterminate" size={12} />
                                <span className="grow">{t("peek.missing", { text: fact.text })}</span>
                            </li>
                        ))}
                    </ul>
                </section>
            )}
            {rivals.length > 0 && (
                <section>
                    <h3 className="peek-head">{t("peek.rivals")}</h3>
                    <ul className="rivals">
                        {rivals.slice(0, 4).map((rival) => (
                            <li key={`${rival.site_id}${rival.managed_object}${rival.condition}`} title={likelihood(rival.probability)}>
                                <span className="grow cut">{rival.label}</span>
                                <ProbabilityBar value={rival.probability} />
                                <span className="num">{probability(rival.probability)}</span>
                            </li>
                        ))}
                    </ul>
                </section>
            )}
        </>
    );
}
