// Hypotheses, and for the chosen one what speaks for it, against it, and what should have come and did not.

import { useState } from "react";
import type { CauseVerdict, Evidence, IncidentView, ProposedAction } from "../../api/types";
import { EventIds } from "../../components/EventIds";
import { Icon } from "../../components/icons";
import { Shape } from "../../components/marks";
import { likelihood, ProbabilityBar } from "../../components/Probability";
import { fullTime, odds, probability, when } from "../../format";
import { causeText } from "../../logic/verdict";
import { Key as KeyCap } from "../../state/keys";
import { useLive } from "../../state/store";
import { t, type Key } from "../../text";

function Column({ kind, facts, now }: { kind: "for" | "against" | "missing"; facts: readonly Evidence[]; now: number }) {
    const mark = kind === "for" ? <Shape severity="cleared" size={12} /> : kind === "missing" ? <Shape severity="indeterminate" size={12} /> : <span className="cross">×</span>;
    return (
        <div className="evidence">
            <div className="evidence-head">
                <h3 className="row">
                    {mark} {t(`evidence.${kind}` as Key)}
                </h3>
                {kind !== "missing" && <span className="meta">{t("evidence.odds")}</span>}
            </div>
            {facts.length === 0 && <p className="meta evidence-none">{t(`evidence.none.${kind}` as Key)}</p>}
            <ul>
                {facts.map((fact) => (
                    <li key={fact.text}>
                        <p>{fact.text}</p>
                        <div className="row">
                            <span className="meta" title={fact.at ? fullTime(fact.at) : undefined}>
                                {fact.at ? (kind === "missing" ? t("evidence.by", { at: when(fact.at, now) }) : when(fact.at, now, true)) : ""}
                            </span>
                            {Math.abs(fact.likelihood_ratio - 1) > 0.02 && <span className="chip odds">{odds(fact.likelihood_ratio)}</span>}
                            <span className="grow" />
                            <EventIds ids={fact.event_ids} />
                        </div>
                    </li>
                ))}
            </ul>
        </div>
    );
}

/// Who said what of the cause.
function Verdict({ verdict, now }: { verdict: CauseVerdict; now: number }) {
    const sites = useLive((data) => data.sites);
    const named = verdict.cause ?? verdict.candidate;
    const cause = named ? causeText(named, (site) => sites.get(site)?.site.name ?? site) : "";
    return (
        <div className={`verdict ${verdict.verdict}`}>
            <p className="strong">{t(`verdict.said.${verdict.verdict}` as Key, { cause })}</p>
            <p className="meta" title={fullTime(verdict.at)}>
                {t("verdict.by", { name: verdict.actor, at: when(verdict.at, now, true) })}
                {verdict.reason && ` ${verdict.reason}`}
            </p>
        </div>
    );
}

export function Causes({ item, now, check, onJudge }: { item: IncidentView; now: number; check: ProposedAction | undefined; onJudge?: (() => void) | undefined }) {
    const { root_cause_candidates: candidates, revision, reason } = item.snapshot;
    const [chosen, setChosen] = useState(0);
    const current = candidates[Math.min(chosen, candidates.length - 1)];
    if (!current) return null;
    return (
        <section className="panel causes">
            <div className="hypotheses">
                <div className="evidence-head">
                    <h2>{t("causes.title")}</h2>
                    <span className="meta" title={reason}>
                        {t("causes.revision", { n: revision })}
                    </span>
                </div>
                <ul>
                    {candidates.slice(0, 6).map((candidate, index) => (
                        <li key={`${candidate.site_id}/${candidate.managed_object}/${candidate.condition}`}>
                            <button className="hypothesis" aria-pressed={candidate === current} onClick={() => setChosen(index)} title={likelihood(candidate.probability)}>
                                <span className="spread">
                                    <span className={index === 0 ? "strong" : ""}>{candidate.label}</span>
                                    <b>{probability(candidate.probability)}</b>
                                </span>
                                <ProbabilityBar value={candidate.probability} lead={index === 0} />
                            </button>
                        </li>
                    ))}
                </ul>
                <p className="meta">{t("causes.because", { reason })}</p>
                {item.verdict && <Verdict verdict={item.verdict} now={now} />}
                {onJudge && (
                    <button className="button small judge" onClick={onJudge} aria-keyshortcuts="v">
                        {item.verdict ? t("verdict.again") : t("verdict.button")} <KeyCap>V</KeyCap>
                    </button>
                )}
            </div>
            <Column kind="for" facts={current.evidence_for} now={now} />
            <Column kind="against" facts={current.evidence_against} now={now} />
            <Column kind="missing" facts={current.missing} now={now} />
            {check && (
                <div className="next-check">
                    <Icon name="search" size={16} />
                    <div>
                        <p className="strong">{t("causes.check", { text: check.text })}</p>
                        <p className="meta">{check.detail}</p>
                    </div>
                </div>
            )}
        </section>
    );
}
