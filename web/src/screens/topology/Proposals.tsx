import { useState } from "react";
import { ApiError, post } from "../../api/client";
import type { ProposedLink, ProposedLinks, SiteView } from "../../api/types";
import { ErrorNote } from "../../components/states";
import { clock, day, number } from "../../format";
import { useQuery } from "../../state/hooks";
import { mayCommand, usePrincipal } from "../../state/session";
import { t, tn, type Key } from "../../text";

/// Links that outages speak for: a person says whether they are.
export function Proposals({ sites, onJudged }: { sites: ReadonlyMap<string, SiteView>; onJudged: () => void }) {
    const [judged, setJudged] = useState<ReadonlySet<string>>(new Set());
    const [error, setError] = useState<ApiError>();
    const answer = useQuery<ProposedLinks>("/topology/proposals", judged.size, 5000);
    const principal = usePrincipal();
    const name = (id: string) => sites.get(id)?.site.name ?? id;
    const waiting = (answer.data?.proposals ?? []).filter((link) => !judged.has(link.id));
    const judge = async (link: ProposedLink, verb: "confirm" | "reject") => {
        try {
            await post(`/topology/proposals/${link.id}/${verb}`, {});
            setError(undefined);
            setJudged((known) => new Set(known).add(link.id));
            onJudged();
        } catch (cause) {
            if (cause instanceof ApiError) setError(cause);
        }
    };
    if (waiting.length === 0 && !error) return null;
    return (
        <section className="proposals">
            <div className="side-head">
                <h2>{t("proposal.title")}</h2>
                <span className="meta">{tn("proposal.count", waiting.length)}</span>
            </div>
            <p className="meta">{t("proposal.note")}</p>
            {error && <ErrorNote title={t("proposal.failed")} error={error} />}
            <ul>
                {waiting.slice(0, 20).map((link) => {
                    const last = link.episodes[link.episodes.length - 1];
                    const at = last ? `${day(Date.parse(last))} ${clock(last)}` : "";
                    return (
                        <li key={link.id}>
                            <p className="strong">{t(`proposal.${link.kind}` as Key, { site: name(link.site_id), other: name(link.other) })}</p>
                            <p className="meta">{t("proposal.evidence", { n: number(link.together), of: number(link.of_other), at, chance: number(Math.max(0, -link.log10_chance)) })}</p>
                            {mayCommand(principal) && (
                                <p className="proposal-buttons">
                                    <button className="button" onClick={() => void judge(link, "confirm")}>
                                        {t("proposal.confirm")}
                                    </button>
                                    <button className="button" onClick={() => void judge(link, "reject")}>
                                        {t("proposal.reject")}
                                    </button>
                                </p>
                            )}
                        </li>
                    );
                })}
            </ul>
        </section>
    );
}
