import type { Page, TopicView } from "../../api/types";
import { Blocks, ErrorNote } from "../../components/states";
import { bytes, number, span } from "../../format";
import type { Query } from "../../state/hooks";
import { t, tn } from "../../text";

export function Topics({ query, now }: { query: Query<Page<TopicView>>; now: number }) {
    const items = query.data?.items ?? [];
    const held = items.reduce((sum, topic) => sum + topic.bytes, 0);
    return (
        <section>
            <div className="side-head">
                <h2>
                    {t("topics.title")} <span className="meta">{query.data ? tn("topics.count", items.length) : ""}</span>
                </h2>
                <span className="meta">{held > 0 ? t("topics.held", { bytes: bytes(held) }) : ""}</span>
            </div>
            {query.error && <ErrorNote title={t("error.platform")} error={query.error} onRetry={query.reload} />}
            {!query.data ? (
                <Blocks heights={[34, 34, 34]} gap={4} />
            ) : (
                <table className="table topics">
                    <thead>
                        <tr>
                            <th>{t("topics.topic")}</th>
                            <th className="num">{t("topics.partitions")}</th>
                            <th className="num">{t("topics.records")}</th>
                            <th className="num">{t("topics.size")}</th>
                            <th className="num">{t("topics.oldest")}</th>
                            <th className="num">{t("topics.retention")}</th>
                        </tr>
                    </thead>
                    <tbody>
                        {items.map((topic) => (
                            <tr key={topic.topic}>
                                <td className="mono cut">{topic.topic}</td>
                                <td className="num">{number(topic.partitions)}</td>
                                <td className="num">{number(topic.end_offset - topic.start_offset)}</td>
                                <td className="num">{bytes(topic.bytes)}</td>
                                <td className="num second">{topic.oldest_at ? span((now - Date.parse(topic.oldest_at)) / 1000) : "–"}</td>
                                <td className="num second">{topic.retention}</td>
                            </tr>
                        ))}
                    </tbody>
                </table>
            )}
        </section>
    );
}
