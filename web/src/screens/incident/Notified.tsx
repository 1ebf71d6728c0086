import type { IncidentView, NotificationOutcome, Page } from "../../api/types";
import { SeverityMark } from "../../components/marks";
import { ErrorNote } from "../../components/states";
import { fullTime, when } from "../../format";
import { useQuery } from "../../state/hooks";
import { t, tn } from "../../text";
import { kindWord } from "../routes/Deliveries";

const most = 8;
/// Outcomes come a moment after the revision that caused them, and later while an endpoint is away.
const period = 30_000;

/// Who was told of the incident, by which channel, and whom no message reached.
export function Notified({ item, now }: { item: IncidentView; now: number }) {
    const path = `/notifications?limit=100&incident_id=${encodeURIComponent(item.snapshot.incident_id)}`;
    const query = useQuery<Page<NotificationOutcome>>(path, `${item.snapshot.revision}/${Math.floor(now / period)}`, 1000);
    const all = query.data?.items;
    if (!all && !query.error) return null;
    return (
        <section className="panel notified">
            <div className="panel-head">
                <h2>{t("notified.title")}</h2>
                {all && all.length > 0 && <span className="meta">{tn("notified.count", all.length)}</span>}
            </div>
            {query.error && !all && <ErrorNote title={t("notified.error")} error={query.error} onRetry={query.reload} />}
            {all && (
                <ul className="panel-body">
                    {all.length === 0 && <li className="meta">{t("notified.none")}</li>}
                    {all.slice(0, most).map((entry) => (
                        <li key={entry.delivery_id}>
                            <SeverityMark severity={entry.sent ? "cleared" : "critical"} />
                            <span className="grow">
                                <span className="medium">{entry.route}</span> <span className="second">{kindWord(entry.kind)}</span>
                                <span className="meta cut" title={entry.to.join(", ")}>
                                    {t(entry.channel === "mail" ? "notified.mail" : "notified.webhook", { to: entry.to.join(", ") })}
                                </span>
                                {!entry.sent && <span className="notified-failure">{t("notified.failed", { why: entry.detail || (entry.reason ?? "") })}</span>}
                            </span>
                            <span className="meta nowrap" title={fullTime(entry.at)}>
                                {when(entry.at, now, true)}
                            </span>
                        </li>
                    ))}
                    {all.length > most && <li className="meta">{tn("notified.more", all.length - most)}</li>}
                </ul>
            )}
        </section>
    );
}
