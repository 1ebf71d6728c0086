// Records set aside: by reason, with their bytes as received, the faulty part marked, and a retry through the door.

import { useMemo, useState } from "react";
import { post } from "../../api/client";
import type { DeadLetterView, Page } from "../../api/types";
import { Dialog } from "../../components/Dialog";
import { RawBytes } from "../../components/RawBytes";
import { Blocks, Empty, ErrorNote } from "../../components/states";
import { say } from "../../components/Toasts";
import { clock, number, when } from "../../format";
import { faultySpan, groupLetters } from "../../logic/deadLetters";
import type { Query } from "../../state/hooks";
import { useKeys, Key } from "../../state/keys";
import { mayCommand, usePrincipal } from "../../state/session";
import { t, tn } from "../../text";

const mostAtOnce = 100;

export function DeadLetters({ query, total, now }: { query: Query<Page<DeadLetterView>>; total: number; now: number }) {
    const principal = usePrincipal();
    const groups = useMemo(() => groupLetters(query.data?.items ?? []), [query.data]);
    const [reason, setReason] = useState<string | null>(null);
    const [shown, setShown] = useState(0);
    const [confirm, setConfirm] = useState(false);
    const [error, setError] = useState<unknown>(null);
    const open = groups.find((group) => group.reason === reason) ?? groups[0];
    const letter = open?.letters[Math.min(shown, open.letters.length - 1)];
    const retry = async () => {
        if (!open) return;
        setConfirm(false);
        setError(null);
        let done = 0;
        try {
            for (const each of open.letters.slice(0, mostAtOnce)) {
                await post(`/dead-letters/${each.id}/retry`, {});
                done += 1;
            }
        } catch (cause) {
            setError(cause);
        }
        if (done > 0) say(tn("letters.retried", done));
        query.reload();
    };
    const may = mayCommand(principal) && open !== undefined;
    useKeys({ r: () => may && setConfirm(true) });
    return (
        <aside className="letters" aria-label={t("letters.title")}>
            <div className="side-head">
                <h2>
                    {t("letters.title")} <span className="meta">{t("letters.count", { n: number(total) })}</span>
                </h2>
                {may && (
                    <button className="button small" onClick={() => setConfirm(true)}>
                        {t("letters.retry")} <Key>R</Key>
                    </button>
                )}
            </div>
            {error !== null && <ErrorNote title={t("letters.failed")} error={error} />}
            {query.error && <ErrorNote title={t("error.platform")} error={query.error} onRetry={query.reload} />}
            {!query.data && !query.error && <Blocks heights={[60, 60]} />}
            {query.data && groups.length === 0 && <Empty good title={t("letters.none")}>{t("letters.noneWhy")}</Empty>}
            <ul>
                {groups.map((group) => {
                    const current = group === open;
                    const first = group.letters[0] as DeadLetterView;
                    return (
                        <li key={group.reason} className={current ? "open" : ""}>
                            <button
                                className="letter"
                                aria-expanded={current}
                                onClick={() => {
                                    setReason(group.reason);
                                    setShown(0);
                                }}
                            >
                                <span className="spread">
                                    <span className="mono">{group.reason}</span>
                                    <b>{number(group.letters.length)}</b>
                                </span>
                                <span className="second">{(current ? letter : first)?.detail}</span>
                                <span className="spread">
                                    <span className="mono third cut">
                                        {(current ? letter : first)?.origin}
                                        {(current ? letter : first)?.origin_offset !== undefined && ` @ ${(current ? letter : first)?.origin_offset}`}
                                    </span>
                                    <span className="meta nowrap">{group.letters.length > 1 ? t("node.band", { from: when(group.oldest, now), to: clock(group.newest) }) : when(group.newest, now)}</span>
                                </span>
                            </button>
                            {current && letter && (
                                <div className="letter-bytes">
                                    <RawBytes text={letter.text} faulty={faultySpan(letter.text, letter.detail)} copy={letter.text} />
                                    {group.letters.length > 1 && (
                                        <div className="row">
                                            <button className="button small" disabled={shown === 0} onClick={() => setShown(shown - 1)}>
                                                {t("event.previous")}
                                            </button>
                                            <button className="button small" disabled={shown >= group.letters.length - 1} onClick={() => setShown(shown + 1)}>
                                                {t("event.next")}
                                            </button>
                                            <span className="meta">{t("event.nth", { at: shown + 1, of: number(group.letters.length) })}, {tn("letters.attempts", letter.attempts)}</span>
                                        </div>
                                    )}
                                </div>
                            )}
                        </li>
                    );
                })}
            </ul>
            {confirm && open && (
                <Dialog title={t("letters.retry")} onClose={() => setConfirm(false)}>
                    <h2>{tn("letters.confirm", Math.min(mostAtOnce, open.letters.length))}</h2>
                    <p className="second">{t("letters.confirmNote", { reason: open.reason })}</p>
                    <div className="dialog-foot">
                        <button className="button primary" onClick={() => void retry()}>
                            {t("letters.retry")}
                        </button>
                        <button className="button" onClick={() => setConfirm(false)}>
                            {t("dialog.keep")}
                        </button>
                    </div>
                </Dialog>
            )}
        </aside>
    );
}
