// The dialogs behind mend, discard and retry of many.

import { useState, type FormEvent } from "react";
import { ApiError, post } from "../../api/client";
import type { DeadLetterReport, DeadLetterView } from "../../api/types";
import { Dialog } from "../../components/Dialog";
import { ErrorNote } from "../../components/states";
import { number } from "../../format";
import { t, tn } from "../../text";

/// Why the door refused what was sent, in its own words; `null` when it was something else that failed.
export function refusal(error: unknown): string | null {
    if (!(error instanceof ApiError)) return null;
    const rejected = (error.problem as { rejected?: { detail: string }[] }).rejected;
    return rejected?.[0]?.detail ?? null;
}

/// The bytes to edit, the reason above them; stays open with the new reason while the door refuses.
export function FixDialog({ letter, onClose, onDone }: { letter: DeadLetterView; onClose: () => void; onDone: () => void }) {
    const [text, setText] = useState(letter.text);
    const [error, setError] = useState<unknown>(null);
    const [busy, setBusy] = useState(false);
    const submit = async (event: FormEvent) => {
        event.preventDefault();
        setBusy(true);
        try {
            await post(`/dead-letters/${letter.id}/fix`, { text });
            onDone();
        } catch (cause) {
            setError(cause);
        }
        setBusy(false);
    };
    const reason = refusal(error) ?? (error === null ? letter.outcome?.why ?? letter.detail : null);
    return (
        <Dialog title={t("letters.fix")} onClose={onClose} className="wide">
            <form onSubmit={(event) => void submit(event)}>
                <h2>{t("letters.fixTitle", { id: letter.id })}</h2>
                {reason !== null ? <p className="letter-reason" role={error === null ? undefined : "alert"}>{reason}</p> : <ErrorNote title={t("letters.failed")} error={error} />}
                {!letter.is_text && <p className="second">{t("letters.fixBinary")}</p>}
                <label>
                    <span className="sr">{t("letters.fixField")}</span>
                    <textarea className="field mono letter-edit" rows={12} spellCheck={false} autoFocus value={text} onChange={(event) => setText(event.target.value)} />
                </label>
                <p className="second">{t("letters.fixNote")}</p>
                <div className="dialog-foot">
                    <button className="button primary" disabled={busy || text.trim() === ""}>
                        {t("letters.fixSend")}
                    </button>
                    <button type="button" className="button" onClick={onClose}>
                        {t("dialog.keep")}
                    </button>
                </div>
            </form>
        </Dialog>
    );
}

/// Asks why; for one or for all that match.
export function DiscardDialog({ count, onClose, onSend }: { count: number; onClose: () => void; onSend: (why: string) => void }) {
    const [why, setWhy] = useState("");
    const submit = (event: FormEvent) => {
        event.preventDefault();
        if (why.trim()) onSend(why.trim());
    };
    return (
        <Dialog title={t("letters.discard")} onClose={onClose}>
            <form onSubmit={submit}>
                <h2>{tn("letters.discardTitle", count, { n: number(count) })}</h2>
                <p className="second">{t("letters.discardNote")}</p>
                <label>
                    <span className="sr">{t("letters.why")}</span>
                    <input className="field" autoFocus maxLength={300} placeholder={t("letters.why")} value={why} onChange={(event) => setWhy(event.target.value)} />
                </label>
                <div className="dialog-foot">
                    <button className="button primary" disabled={why.trim() === ""}>
                        {t("letters.discard")}
                    </button>
                    <button type="button" className="button" onClick={onClose}>
                        {t("dialog.keep")}
                    </button>
                </div>
            </form>
        </Dialog>
    );
}

export const mostAtOnce = 1000;

export interface Tally {
    done: number;
    refused: number;
    left: boolean;
}

/// Treats all that match, page by page, up to a bound.
export async function treatAll(action: "retry" | "discard", filter: Record<string, string>, why?: string): Promise<Tally> {
    const tally = { done: 0, refused: 0, left: false };
    let cursor: string | undefined;
    let tried = 0;
    do {
        const report: DeadLetterReport = await post(`/dead-letters/${action}`, { ...filter, limit: "200", ...(cursor ? { cursor } : {}), ...(why ? { why } : {}) });
        for (const each of report.results) {
            if (["accepted", "returned", "discarded"].includes(each.result)) tally.done += 1;
            else tally.refused += 1;
        }
        tried += report.results.length;
        cursor = report.next_cursor;
    } while (cursor && tried < mostAtOnce);
    tally.left = cursor !== undefined;
    return tally;
}

/// The count and a dry run first: nothing is sent before somebody has seen how many.
export function RetryAllDialog({ count, filter, onClose, onGo }: { count: number; filter: string; onClose: () => void; onGo: () => void }) {
    const n = Math.min(count, mostAtOnce);
    return (
        <Dialog title={t("letters.retryAll")} onClose={onClose}>
            <h2>{tn("letters.confirm", n, { n: number(n) })}</h2>
            <p className="second">{t("letters.confirmNote", { filter })}</p>
            {count > mostAtOnce && <p className="second">{t("letters.bounded", { most: number(mostAtOnce), n: number(count) })}</p>}
            <div className="dialog-foot">
                <button className="button primary" onClick={onGo}>
                    {t("letters.retryAll")}
                </button>
                <button className="button" onClick={onClose}>
                    {t("dialog.keep")}
                </button>
            </div>
        </Dialog>
    );
}
