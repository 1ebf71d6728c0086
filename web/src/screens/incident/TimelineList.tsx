import type { IncidentView } from "../../api/types";
import { EventIds } from "../../components/EventIds";
import { KnowledgeDot } from "../../components/marks";
import { fullTime, lag } from "../../format";
import { t, type Key } from "../../text";
import { nodeDetail } from "./TimelinePanel";

/// The timeline as an ordered list: the text twin of the picture, and what a phone shows.
export function TimelineList({ item, now }: { item: IncidentView; now: number }) {
    const { timeline, edges } = item.snapshot;
    const sorted = [...timeline].sort((one, two) => Date.parse(one.at) - Date.parse(two.at));
    const byID = new Map(timeline.map((node) => [node.node_id, node]));
    const firstAhead = sorted.findIndex((node) => Date.parse(node.at) > now);
    return (
        <ol className="timeline-list">
            {sorted.map((node, index) => {
                const causes = edges.filter((edge) => edge.to === node.node_id);
                return (
                    <li key={node.node_id} className={`${node.knowledge}${index === firstAhead ? " ahead" : ""}`}>
                        <KnowledgeDot knowledge={node.knowledge} />
                        <div className="grow">
                            <p>
                                <span className={`strong${node.is_root ? " critical" : ""}`}>{node.label}</span>{" "}
                                <span className="meta">{t(`lane.${node.lane}` as Key)}</span>
                            </p>
                            <p className="meta" title={fullTime(node.at)}>
                                {nodeDetail(node, now)} <span className="sr">{t(`knowledge.${node.knowledge}` as Key)}</span>
                            </p>
                            {causes.map((edge) => (
                                <p key={edge.from} className="meta">
                                    <span className="lag">{lag(edge.lag_seconds)}</span> {t("timeline.after", { label: byID.get(edge.from)?.label ?? "" })}
                                </p>
                            ))}
                        </div>
                        <EventIds ids={node.event_ids} />
                    </li>
                );
            })}
        </ol>
    );
}
