import type { IncidentView } from "../../api/types";
import { fullTime, when } from "../../format";
import { en } from "../../text/en";
import { t, type Key } from "../../text";

const verb = (eventType: string): string => {
    const key = `history.${eventType.replace("incident.", "")}`;
    return key in en ? t(key as Key) : eventType;
};

/// Everything that happened to the incident, newest first, engine and people alike.
export function History({ item, now, onComment }: { item: IncidentView; now: number; onComment?: (() => void) | undefined }) {
    const entries = [...(item.history ?? [])].reverse();
    return (
        <section className="panel history">
            <div className="panel-head">
                <h2>{t("history.title")}</h2>
                {onComment && (
                    <button className="button small" onClick={onComment}>
                        {t("command.comment")}
                    </button>
                )}
            </div>
            <ol className="panel-body">
                {entries.length === 0 && <li className="meta">{t("history.none")}</li>}
                {entries.slice(0, 40).map((entry) => (
                    <li key={entry.event_id}>
                        <span className="meta nowrap" title={fullTime(entry.at)}>
                            {when(entry.at, now, true)}
                        </span>
                        <span className="medium nowrap">{entry.actor === "engine" ? t("owner.engine") : entry.actor}</span>
                        <span className="second nowrap">{verb(entry.event_type)}</span>
                        <span className="grow">{entry.text}</span>
                    </li>
                ))}
            </ol>
        </section>
    );
}
