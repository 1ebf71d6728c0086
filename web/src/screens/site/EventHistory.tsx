import { useState } from "react";
import type { Page, StoredEvent } from "../../api/types";
import { EventIds } from "../../components/EventIds";
import { Blocks, Empty, ErrorNote } from "../../components/states";
import { fullTime, when } from "../../format";
import { useQuery } from "../../state/hooks";
import { t } from "../../text";

const brief = (payload: Record<string, unknown>): string =>
    Object.entries(payload)
        .filter(([, value]) => typeof value !== "object")
        .slice(0, 6)
        .map(([key, value]) => `${key} ${String(value)}`)
        .join(", ");

/// Every event of the site, newest first, as it was accepted.
export function EventHistory({ id, now }: { id: string; now: number }) {
    const [type, setType] = useState("");
    const filter = type.trim() ? `&event_type=${encodeURIComponent(type.trim())}` : "";
    const query = useQuery<Page<StoredEvent>>(`/events?site_id=${encodeURIComponent(id)}&limit=200${filter}`, Math.floor(now / 10_000), 3000);
    const items = query.data?.items ?? [];
    return (
        <section className="panel">
            <div className="panel-head">
                <h2>{t("events.title")}</h2>
                <input className="field type-field" type="search" placeholder={t("events.type")} aria-label={t("events.type")} value={type} onChange={(event) => setType(event.target.value)} />
            </div>
            <div className="panel-body">
                {query.error && <ErrorNote title={t("error.events")} error={query.error} onRetry={query.reload} />}
                {query.state === "loading" && <Blocks heights={[28, 28, 28, 28]} gap={6} />}
                {query.data && items.length === 0 && <Empty title={t("events.none")} />}
                <ul className="alarm-lines">
                    {items.map((item) => (
                        <li key={`${item.topic}/${item.offset}`}>
                            <span className="mono second nowrap" title={fullTime(item.event.timestamp)}>
                                {when(item.event.timestamp, now, true)}
                            </span>
                            <span className="medium cut">{item.event.event_type}</span>
                            <span className="grow cut meta">{brief(item.event.payload)}</span>
                            <EventIds ids={[item.event.event_id]} />
                        </li>
                    ))}
                </ul>
            </div>
        </section>
    );
}
