import type { NotificationOutcome, Page } from "../../api/types";
import { SeverityMark } from "../../components/marks";
import { ErrorNote } from "../../components/states";
import { fullTime, when } from "../../format";
import type { Query } from "../../state/hooks";
import { en } from "../../text/en";
import { t, tn, type Key } from "../../text";

/// `incident.opened` as "that it opened"; a kind of a newer server as it is called.
export function kindWord(name: string): string {
    const key = `notified.${name.replace("incident.", "").replace("alarm.", "")}`;
    return key in en ? t(key as Key) : name;
}

/// What was sent and what did not arrive, newest first; of one route or of all.
export function Deliveries({ query, route, now }: { query: Query<Page<NotificationOutcome>>; route: string | undefined; now: number }) {
    const items = query.data?.items;
    return (
        <section className="panel route-sent">
            <div className="panel-head">
                <h2>{route ? t("routes.sentOf", { name: route }) : t("routes.sent")}</h2>
                {items && items.length > 0 && <span className="meta">{tn("notified.count", items.length)}</span>}
            </div>
            {query.error && !items && <ErrorNote title={t("notified.error")} error={query.error} onRetry={query.reload} />}
            {items && (
                <ul className="panel-body">
                    {items.length === 0 && <li className="meta">{t("routes.sentNone")}</li>}
                    {items.map((entry) => (
                        <li key={entry.delivery_id}>
                            <SeverityMark severity={entry.sent ? "cleared" : "critical"} />
                            <span className="grow">
                                <span className="medium">{entry.subject || kindWord(entry.kind)}</span>
                                <span className="meta cut" title={entry.to.join(", ")}>
                                    {[route ? "" : entry.route, t(entry.channel === "mail" ? "notified.mail" : "notified.webhook", { to: entry.to.join(", ") }), entry.attempts > 1 ? tn("letters.attempts", entry.attempts) : ""].filter(Boolean).join(" · ")}
                                </span>
                                {!entry.sent && <span className="notified-failure">{t("notified.failed", { why: entry.detail || (entry.reason ?? "") })}</span>}
                            </span>
                            <span className="meta nowrap" title={fullTime(entry.at)}>
                                {when(entry.at, now, true)}
                            </span>
                        </li>
                    ))}
                </ul>
            )}
        </section>
    );
}
