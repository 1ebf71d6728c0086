// "Was this the cause?": asked by itself and in passing when an incident is resolved.

import { useMemo } from "react";
import type { CauseChoice, IncidentView, Page } from "../api/types";
import { asksSite, causeText, choices, inWords, sites, suspect, type Answer, type Choices, type VerdictDraft } from "../logic/verdict";
import { useQuery } from "../state/hooks";
import { useLive } from "../state/store";
import { t, type Key } from "../text";

export function useChoices(item: IncidentView): Choices {
    const known = useQuery<Page<CauseChoice>>("/causality/causes", 0, 60_000);
    return useMemo(() => choices(item, known.data?.items ?? []), [item, known.data]);
}

export function VerdictFields({ item, of, draft, onChange, mayPass }: { item: IncidentView; of: Choices; draft: VerdictDraft; onChange: (draft: VerdictDraft) => void; mayPass: boolean }) {
    const named = useLive((data) => data.sites);
    const cause = suspect(item);
    const places = sites(item);
    const answers: Answer[] = [...(cause ? (["yes", "other", "no"] as const) : (["other"] as const)), ...(mayPass ? (["unknown"] as const) : [])];
    const set = (change: Partial<VerdictDraft>) => onChange({ ...draft, ...change });
    const place = (site: string) => named.get(site)?.site.name ?? site;
    return (
        <fieldset className="verdict-fields">
            <legend>{cause ? t("verdict.ask", { cause: causeText(cause, place) }) : t("verdict.askOpen")}</legend>
            <div className="verdict-answers">
                {answers.map((answer) => (
                    <label key={answer} className="verdict-answer">
                        <input type="radio" name="verdict" checked={draft.answer === answer} onChange={() => set({ answer, site: draft.site || (places[0] ?? "") })} />
                        {t(`verdict.${answer}` as Key)}
                    </label>
                ))}
            </div>
            {draft.answer === "other" && (
                <div className="verdict-other">
                    <label>
                        <span className="sr">{t("verdict.cause")}</span>
                        <select className="field" required value={draft.choice} onChange={(event) => set({ choice: event.target.value })}>
                            <option value="" disabled>
                                {t("verdict.choose")}
                            </option>
                            {of.hypotheses.length > 0 && (
                                <optgroup label={t("verdict.hypotheses")}>
                                    {of.hypotheses.map(({ key, cause: other }) => (
                                        <option key={key} value={key}>
                                            {causeText(other, place)}
                                        </option>
                                    ))}
                                </optgroup>
                            )}
                            <optgroup label={t("verdict.known")}>
                                {of.known.map(({ key, cause: other }) => (
                                    <option key={key} value={key}>
                                        {other.label}
                                    </option>
                                ))}
                            </optgroup>
                            <option value={inWords}>{t("verdict.inWords")}</option>
                        </select>
                    </label>
                    {draft.choice === inWords && (
                        <label>
                            <span className="sr">{t("verdict.words")}</span>
                            <input className="field" required maxLength={200} placeholder={t("verdict.words")} value={draft.words} onChange={(event) => set({ words: event.target.value })} />
                        </label>
                    )}
                    {asksSite(draft, of) && (
                        <label>
                            <span className="sr">{t("verdict.site")}</span>
                            <select className="field" value={draft.site} onChange={(event) => set({ site: event.target.value })}>
                                {places.map((site) => (
                                    <option key={site} value={site}>
                                        {place(site)}
                                    </option>
                                ))}
                            </select>
                        </label>
                    )}
                </div>
            )}
        </fieldset>
    );
}
