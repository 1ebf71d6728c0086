import type { GroupView, Page } from "../../api/types";
import { Shape } from "../../components/marks";
import { Blocks, ErrorNote } from "../../components/states";
import { number, quantity } from "../../format";
import type { Query } from "../../state/hooks";
import { t, type Key } from "../../text";

const words: Record<string, Key> = { steady: "groups.steady", "catching up": "groups.catching", stopped: "groups.stopped" };

/// Lag in records and in seconds of event time.
export function Groups({ query }: { query: Query<Page<GroupView>> }) {
    return (
        <section>
            <div className="side-head">
                <h2>
                    {t("groups.title")} <span className="meta">{t("groups.note")}</span>
                </h2>
            </div>
            {query.error && <ErrorNote title={t("error.platform")} error={query.error} onRetry={query.reload} />}
            {!query.data ? (
                <Blocks heights={[34, 34, 34]} gap={4} />
            ) : (
                <table className="table groups">
                    <thead>
                        <tr>
                            <th>{t("groups.group")}</th>
                            <th className="num">{t("groups.members")}</th>
                            <th className="num">{t("groups.records")}</th>
                            <th className="num">{t("groups.time")}</th>
                            <th>{t("groups.state")}</th>
                        </tr>
                    </thead>
                    <tbody>
                        {query.data.items.map((group) => {
                            const behind = group.state !== "steady";
                            return (
                                <tr key={group.group}>
                                    <td>
                                        <span className="row">
                                            {behind ? <Shape severity={group.state === "stopped" ? "critical" : "major"} size={12} /> : <i className="quiet-dot" />}
                                            <span className="medium">{group.group}</span>
                                        </span>
                                    </td>
                                    <td className="num">{group.members}</td>
                                    <td className={`num${behind ? " major strong" : ""}`}>{number(group.offset_lag)}</td>
                                    <td className={`num${behind ? " major strong" : ""}`}>{quantity(group.time_lag_ms / 1000, "s", 1)}</td>
                                    <td className={behind ? "" : "second"}>{words[group.state] ? t(words[group.state] as Key) : group.state}</td>
                                </tr>
                            );
                        })}
                    </tbody>
                </table>
            )}
        </section>
    );
}
