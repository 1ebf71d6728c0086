import { useState } from "react";
import { ApiError, post } from "../../api/client";
import type { JudgedLink, ProposedLink, ProposedLinks, SiteView } from "../../api/types";
import { Empty, ErrorNote } from "../../components/states";
import { date, fullTime, number, percent, when } from "../../format";
import { last, oneIn, shown, since } from "../../logic/proposals";
import { setQuery } from "../../router/router";
import { useNow, useQuery } from "../../state/hooks";
import { mayCommand, usePrincipal } from "../../state/session";
import { t, tn, type Key } from "../../text";
import { ProposalDialog } from "./ProposalDialog";

type Verb = "confirm" | "reject" | "undo";

/// What speaks for a link: how often, of how many, since when, and how likely that is chance.
function Evidence({ link, other, now }: { link: ProposedLink; other: string; now: number }) {
    const [first, newest, odds] = [since(link), last(link), oneIn(link)];
    return (
        <>
            <p className="second">
                {t("proposal.together", { other, n: number(link.together), of: number(link.of_other) })}
                {first && newest && ` ${t("proposal.times", { since: date(first), at: when(newest, now) })}`}
            </p>
            <p className="meta">
                {t("proposal.next", { share: percent(link.confidence, 0) })} {odds.isMore ? t("proposal.chanceLess") : t("proposal.chance", { n: number(odds.n) })}{" "}
                {t("proposal.own", { n: number(link.of_site) })}
            </p>
            <details className="proposal-times">
                <summary>{t("proposal.show")}</summary>
                <ul>
                    {[...link.episodes].reverse().map((at) => (
                        <li key={at} className="meta">
                            {fullTime(at)}
                        </li>
                    ))}
                    {link.together > link.episodes.length && <li className="meta">{t("proposal.older", { n: number(link.together - link.episodes.length) })}</li>}
                </ul>
            </details>
        </>
    );
}

/// How many wait, with the way down to them: the list stands below the figures of the focused site.
export function ProposalsWaiting() {
    const now = useNow(60_000);
    const answer = useQuery<ProposedLinks>("/topology/proposals", Math.floor(now / 60_000), 0);
    const waiting = answer.data?.proposals.length ?? 0;
    if (waiting === 0) return null;
    return (
        <button className="button" onClick={() => document.getElementById("proposals")?.scrollIntoView({ block: "start" })}>
            {tn("proposal.waiting", waiting)}
        </button>
    );
}

/// Links that outages speak for: a person says whether they are, and may take it back.
export function Proposals({ sites, onJudged }: { sites: ReadonlyMap<string, SiteView>; onJudged: () => void }) {
    const [asked, setAsked] = useState<{ verb: "confirm" | "reject"; link: ProposedLink }>();
    const [sending, setSending] = useState("");
    const [error, setError] = useState<ApiError>();
    const now = useNow(60_000);
    const answer = useQuery<ProposedLinks>("/topology/proposals", Math.floor(now / 60_000), 0);
    const principal = usePrincipal();
    const name = (id: string) => sites.get(id)?.site.name ?? id;
    const title = (link: ProposedLink | JudgedLink) => t(`proposal.${link.kind}` as Key, { site: name(link.site_id), other: name(link.other) });
    const judge = async (id: string, verb: Verb, reason: string) => {
        setAsked(undefined);
        setSending(id);
        try {
            await post(`/topology/proposals/${id}/${verb}`, reason ? { reason } : {});
            setError(undefined);
            onJudged();
        } catch (cause) {
            if (cause instanceof ApiError) setError(cause);
        }
        // Also after a refusal: the list has moved on, or somebody else was faster.
        answer.reload();
        setSending("");
    };
    if (!answer.data) return answer.error ? <ErrorNote title={t("proposal.unread")} error={answer.error} onRetry={answer.reload} /> : null;
    const { proposals, judged = [] } = answer.data;
    const may = mayCommand(principal);
    return (
        <section className="proposals" id="proposals" aria-label={t("proposal.title")}>
            <div className="side-head">
                <h2>{t("proposal.title")}</h2>
                {proposals.length > 0 && <span className="meta">{tn("proposal.count", proposals.length)}</span>}
            </div>
            {error && <ErrorNote title={t("proposal.failed")} error={error} />}
            {proposals.length === 0 ? <Empty title={t("proposal.none")}>{t("proposal.noneWhy")}</Empty> : <p className="meta">{t("proposal.note")}</p>}
            {proposals.length > 0 && (
                <ul>
                    {proposals.slice(0, shown).map((link) => (
                        <li key={link.id}>
                            <p className="strong">
                                <button className="as-link" title={t("proposal.around")} onClick={() => setQuery({ root: link.site_id })}>
                                    {title(link)}
                                </button>
                            </p>
                            <Evidence link={link} other={name(link.other)} now={now} />
                            {may && (
                                <p className="proposal-buttons">
                                    <button className="button" disabled={sending === link.id} onClick={() => setAsked({ verb: "confirm", link })}>
                                        {t("proposal.confirm")}
                                    </button>
                                    <button className="button" disabled={sending === link.id} onClick={() => setAsked({ verb: "reject", link })}>
                                        {t("proposal.reject")}
                                    </button>
                                </p>
                            )}
                        </li>
                    ))}
                </ul>
            )}
            {proposals.length > shown && <p className="meta">{t("proposal.more", { n: number(proposals.length - shown) })}</p>}
            {judged.length > 0 && (
                <details className="judged" open={judged.length <= 3}>
                    <summary>{tn("proposal.judged", judged.length)}</summary>
                    <ul>
                        {judged.map((word) => (
                            <li key={word.id}>
                                <p>{title(word)}</p>
                                <p className="meta">
                                    {t(`proposal.said.${word.verdict}` as Key, { actor: word.actor, at: when(word.at, now) })}
                                    {word.reason && ` “${word.reason}”`}
                                </p>
                                {may && (
                                    <button className="button" disabled={sending === word.id} onClick={() => void judge(word.id, "undo", "")}>
                                        {t("proposal.undo")}
                                    </button>
                                )}
                            </li>
                        ))}
                    </ul>
                </details>
            )}
            {asked && <ProposalDialog verb={asked.verb} title={title(asked.link)} other={name(asked.link.other)} onClose={() => setAsked(undefined)} onSend={(reason) => void judge(asked.link.id, asked.verb, reason)} />}
        </section>
    );
}
