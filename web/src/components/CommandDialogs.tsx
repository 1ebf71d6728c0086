// The small dialogs behind assign, comment, resolve, reopen, merge and the verdict on a cause.

import { useState } from "react";
import type { IncidentCommand } from "../api/client";
import type { IncidentView } from "../api/types";
import { isOpen } from "../logic/triage";
import { noDraft, verdictCommand } from "../logic/verdict";
import { usePrincipal } from "../state/session";
import { useLive } from "../state/store";
import { t, type Key } from "../text";
import { CommandForm, ReasonField } from "./CommandForm";
import { useChoices, VerdictFields } from "./VerdictFields";

export type DialogVerb = Exclude<IncidentCommand["verb"], "acknowledge" | "verdict" | "split">;

function MergeTargets({ item, value, onChange }: { item: IncidentView; value: string; onChange: (id: string) => void }) {
    const incidents = useLive((data) => data.incidents);
    const others = [...incidents.values()].filter((other) => isOpen(other) && other.number !== item.number).sort((one, two) => (one.number < two.number ? -1 : 1));
    return (
        <select className="field" required value={value} onChange={(event) => onChange(event.target.value)} autoFocus>
            <option value="" disabled>
                {t("merge.choose")}
            </option>
            {others.map((other) => (
                <option key={other.number} value={other.snapshot.incident_id}>
                    {other.number} {other.snapshot.title}
                </option>
            ))}
        </select>
    );
}

export function CommandDialog({ verb, item, onClose, onSend }: { verb: DialogVerb; item: IncidentView; onClose: () => void; onSend: (...commands: IncidentCommand[]) => void }) {
    const principal = usePrincipal();
    const [text, setText] = useState(verb === "assign" ? item.assignee ?? principal.name : "");
    const of = useChoices(item);
    const [draft, setDraft] = useState(noDraft);
    // In passing, and not asked again of who has said it.
    const asks = verb === "resolve" && !item.verdict;
    const submit = () => {
        const value = text.trim();
        if (!value) return;
        const commands: Record<DialogVerb, IncidentCommand> = {
            assign: { verb: "assign", assignee: value },
            comment: { verb: "comment", text: value },
            resolve: { verb: "resolve", reason: value },
            reopen: { verb: "reopen", reason: value },
            merge: { verb: "merge", into: value },
        };
        const verdict = asks ? verdictCommand(draft, item, of) : null;
        onSend(commands[verb], ...(verdict ? [verdict] : []));
        onClose();
    };
    const title = t(`dialog.${verb}` as Key, { number: item.number });
    const long = verb === "comment" || verb === "resolve" || verb === "reopen";
    return (
        <CommandForm title={title} note={t(`dialog.${verb}.note` as Key)} send={t(`command.${verb}` as Key)} onSubmit={submit} onClose={onClose}>
            <label>
                <span className="sr">{t(`dialog.${verb}.field` as Key)}</span>
                {verb === "merge" ? (
                    <MergeTargets item={item} value={text} onChange={setText} />
                ) : long ? (
                    <textarea
                        className="field"
                        rows={4}
                        required
                        maxLength={4000}
                        value={text}
                        placeholder={t(`dialog.${verb}.field` as Key)}
                        onChange={(event) => setText(event.target.value)}
                        onKeyDown={(event) => event.key === "Enter" && (event.ctrlKey || event.metaKey) && submit()}
                    />
                ) : (
                    <input className="field" required maxLength={128} value={text} onChange={(event) => setText(event.target.value)} />
                )}
            </label>
            {asks && <VerdictFields item={item} of={of} draft={draft} onChange={setDraft} mayPass />}
        </CommandForm>
    );
}

/// What the root cause was, by who was there; it may be said again.
export function VerdictDialog({ item, onClose, onSend }: { item: IncidentView; onClose: () => void; onSend: (...commands: IncidentCommand[]) => void }) {
    const of = useChoices(item);
    const [draft, setDraft] = useState(noDraft);
    const [reason, setReason] = useState("");
    const command = verdictCommand(draft, item, of, reason.trim());
    const submit = () => {
        if (!command) return;
        onSend(command);
        onClose();
    };
    const title = t("dialog.verdict", { number: item.number });
    return (
        <CommandForm title={title} note={t("dialog.verdict.note")} send={t("command.verdict")} disabled={!command} onSubmit={submit} onClose={onClose}>
            <VerdictFields item={item} of={of} draft={draft} onChange={setDraft} mayPass={false} />
            <ReasonField label={t("dialog.verdict.field")} value={reason} onChange={setReason} />
        </CommandForm>
    );
}
