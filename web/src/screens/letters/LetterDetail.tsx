import type { DeadLetterView } from "../../api/types";
import { bytes, fullTime, number, when } from "../../format";
import { Link } from "../../router/router";
import { Key } from "../../state/keys";
import { t, tn, type Key as Word } from "../../text";
import { LetterBytes } from "./LetterBytes";

export const stateWord = (state: string): string => t(`letters.state.${state}` as Word);

function place(letter: DeadLetterView): string {
    return [
        letter.line === undefined ? "" : t("letters.line", { n: number(letter.line) }),
        letter.column === undefined ? "" : t("letters.byte", { n: number(letter.column) }),
        letter.field ? t("letters.field", { field: letter.field }) : "",
    ].filter(Boolean).join(", ");
}

function outcome(letter: DeadLetterView, now: number): string {
    const last = letter.outcome;
    if (!last) return t("letters.untouched");
    const what = t(`letters.result.${last.result}` as Word);
    const who = last.by ? t("letters.by", { by: last.by, at: when(last.at, now) }) : t("letters.byPlatform", { at: when(last.at, now) });
    return `${what} ${who}${last.edited ? `, ${t("letters.edited")}` : ""}${last.why ? `: ${last.why}` : ""}`;
}

/// One letter: why, whence, the bytes with the fault marked, and what can be done.
export function LetterDetail({ letter, now, may, busy, note, onRetry, onFix, onDiscard, onBack }: { letter: DeadLetterView; now: number; may: boolean; busy: boolean; note: string | null; onRetry: () => void; onFix: () => void; onDiscard: () => void; onBack?: () => void }) {
    const waits = letter.state === "waiting";
    const fromGroup = letter.group !== undefined;
    const facts: [Word, React.ReactNode][] = [
        ["letters.place", place(letter)],
        ["letters.origin", <span className="mono">{letter.origin}{letter.origin_offset !== undefined && ` @ ${number(letter.origin_offset)}`}</span>],
        ["letters.group", letter.group],
        ["letters.site", letter.site_id && <Link className="mono" to={`/sites/${encodeURIComponent(letter.site_id)}`}>{letter.site_id}</Link>],
        ["letters.at", <span title={fullTime(letter.at)}>{when(letter.at, now, true)}</span>],
        ["letters.size", bytes(letter.bytes)],
        ["letters.tried", tn("letters.attempts", letter.attempts)],
        ["letters.last", outcome(letter, now)],
    ];
    return (
        <article className="letter-detail" aria-label={t("letters.one", { id: letter.id })}>
            {onBack && (
                <button className="button small letter-back" onClick={onBack}>
                    {t("letters.back")}
                </button>
            )}
            <p className="meta spread">
                <span className="mono">{letter.reason_code}</span>
                <span className="mono">#{letter.id}</span>
            </p>
            <h2 className="letter-reason">{letter.detail}</h2>
            {may && waits && (
                <div className="row letter-acts">
                    <button className={`button${fromGroup ? " primary" : ""}`} disabled={busy || letter.is_cut} onClick={onRetry}>
                        {fromGroup ? t("letters.putBack") : t("letters.retry")} <Key>R</Key>
                    </button>
                    {!fromGroup && (
                        <button className="button primary" disabled={busy} onClick={onFix}>
                            {t("letters.fix")} <Key>M</Key>
                        </button>
                    )}
                    <button className="button" disabled={busy} onClick={onDiscard}>
                        {t("letters.discard")} <Key>W</Key>
                    </button>
                </div>
            )}
            {note !== null && <p className="letter-note" role="status">{note}</p>}
            {!waits && <p className="letter-note">{outcome(letter, now)}</p>}
            {letter.is_cut && <p className="second">{t("letters.cut")}</p>}
            <LetterBytes letter={letter} />
            <dl className="letter-facts">
                {facts.filter(([word, value]) => value && !(word === "letters.last" && !waits)).map(([word, value]) => (
                    <div key={word}>
                        <dt>{t(word)}</dt>
                        <dd>{value}</dd>
                    </div>
                ))}
            </dl>
        </article>
    );
}
