// Records set aside, by reason: how many wait, since when, and the way to them.

import type { DeadLetterSummary } from "../../api/types";
import { Blocks, Empty, ErrorNote } from "../../components/states";
import { number, when } from "../../format";
import { Link } from "../../router/router";
import type { Query } from "../../state/hooks";
import { t } from "../../text";

export function DeadLetters({ query, total, now }: { query: Query<DeadLetterSummary>; total: number; now: number }) {
    const rows = query.data?.by_reason ?? [];
    return (
        <aside className="letters" aria-label={t("letters.title")}>
            <div className="side-head">
                <h2>
                    {t("letters.title")} <span className="meta">{t("letters.count", { n: number(total) })}</span>
                </h2>
                <Link className="button small" to="/platform/dead-letters">
                    {t("letters.open")}
                </Link>
            </div>
            {query.error && <ErrorNote title={t("error.platform")} error={query.error} onRetry={query.reload} />}
            {!query.data && !query.error && <Blocks heights={[60, 60]} />}
            {query.data && rows.length === 0 && <Empty good title={t("letters.none")}>{t("letters.noneWhy")}</Empty>}
            <ul>
                {rows.map((row) => (
                    <li key={row.reason_code}>
                        <Link className="letter plain-link" to={`/platform/dead-letters?reason=${encodeURIComponent(row.reason_code)}`}>
                            <span className="spread">
                                <span className="mono">{row.reason_code}</span>
                                <b>{number(row.waiting)}</b>
                            </span>
                            <span className="meta">{row.count === 1 ? when(row.newest_at, now) : t("letters.since", { from: when(row.oldest_at, now), to: when(row.newest_at, now) })}</span>
                        </Link>
                    </li>
                ))}
            </ul>
        </aside>
    );
}
