// The states every component shares: loading blocks, an empty sentence, an error above the last good data, an age.

import type { ReactNode } from "react";
import { ApiError } from "../api/client";
import { span } from "../format";
import { useLateLoading } from "../state/hooks";
import { t, type Key } from "../text";
import { SeverityMark, Shape } from "./marks";

/// Flat blocks in the final geometry, after 150 ms, without shimmer.
export function Blocks({ heights, gap = 12 }: { heights: number[]; gap?: number }) {
    const late = useLateLoading(true);
    return (
        <div aria-busy="true" style={{ display: "grid", gap, opacity: late ? 1 : 0 }}>
            <span className="sr">{t("state.loading")}</span>
            {heights.map((height, index) => (
                <span key={index} className="block" style={{ height, width: index % 3 === 2 ? "62%" : "100%" }} />
            ))}
        </div>
    );
}

/// Says what would appear here, and whether none is good.
export function Empty({ good = false, title, children }: { good?: boolean; title: string; children?: ReactNode }) {
    return (
        <div className="empty">
            {good && <Shape severity="cleared" />}
            <div>
                <p className="strong">{title}</p>
                {children && <p className="second">{children}</p>}
            </div>
        </div>
    );
}

const known: Record<string, Key> = {
    "network.unreachable": "error.network",
    "log.fenced": "error.fenced",
    "incident.invalid_transition": "error.transition",
    "auth.forbidden": "error.forbidden",
};

/// What did not happen, what still holds, what to do, and the code.
export function describe(error: unknown): string {
    if (!(error instanceof ApiError)) return t("error.unknown");
    const key = known[error.code];
    return key ? t(key) : error.problem.detail || error.problem.title;
}

export function ErrorNote({ title, error, onRetry }: { title: string; error: unknown; onRetry?: (() => void) | undefined }) {
    const code = error instanceof ApiError ? error.code : "";
    return (
        <div className="error-note" role="alert">
            <SeverityMark severity="critical" />
            <div className="grow">
                <p className="strong">{title}</p>
                <p className="second">{describe(error)}</p>
                <div className="row">
                    {onRetry && (
                        <button className="button small" onClick={onRetry}>
                            {t("error.retry")}
                        </button>
                    )}
                    {code && <code className="third">{code}</code>}
                </div>
            </div>
        </div>
    );
}

/// "16 min old", beside a value that steps back.
export function Stale({ seconds }: { seconds: number }) {
    return (
        <span className="badge-stale">
            <Shape severity="indeterminate" size={11} />
            {t("state.old", { age: span(seconds) })}
        </span>
    );
}
