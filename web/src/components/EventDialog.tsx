import { useState } from "react";
import type { StoredEvent } from "../api/types";
import { fullTime, shortId } from "../format";
import { useQuery } from "../state/hooks";
import { t, tn } from "../text";
import { Dialog } from "./Dialog";
import { RawBytes } from "./RawBytes";
import { Blocks, ErrorNote } from "./states";

/// The event as it was accepted, one of the ids a claim rests on.
export function EventDialog({ ids, onClose }: { ids: readonly string[]; onClose: () => void }) {
    const [at, setAt] = useState(0);
    const id = ids[at] as string;
    const query = useQuery<StoredEvent>(`/events/${encodeURIComponent(id)}`);
    return (
        <Dialog title={t("event.title")} onClose={onClose} className="event-dialog">
            <div className="spread">
                <h2>{query.data?.event.event_type ?? shortId(id)}</h2>
                {ids.length > 1 && <span className="meta">{t("event.nth", { at: at + 1, of: tn("events", ids.length) })}</span>}
            </div>
            {query.data && (
                <p className="second">
                    {fullTime(query.data.event.timestamp)}, <code>{query.data.topic} @ {query.data.offset}</code>
                </p>
            )}
            {query.state === "loading" && <Blocks heights={[120]} />}
            {query.error && !query.data && <ErrorNote title={t("error.events")} error={query.error} onRetry={query.reload} />}
            {query.data && <RawBytes text={JSON.stringify(query.data.event, null, 2)} />}
            <div className="dialog-foot">
                {ids.length > 1 && (
                    <>
                        <button className="button" disabled={at === 0} onClick={() => setAt(at - 1)}>
                            {t("event.previous")}
                        </button>
                        <button className="button" disabled={at === ids.length - 1} onClick={() => setAt(at + 1)}>
                            {t("event.next")}
                        </button>
                    </>
                )}
                <button className="button" onClick={onClose}>
                    {t("dialog.close")}
                </button>
            </div>
        </Dialog>
    );
}
