import type { SiteView, TopologyLink } from "../../api/types";
import { StateMark } from "../../components/marks";
import { number } from "../../format";
import { behind, type Graph } from "../../logic/hopTree";
import { setQuery } from "../../router/router";
import { t, type Key } from "../../text";

const most = 300;

/// The tree as a nested table: the text twin, and what a phone shows.
export function LinkTable({ graph, root, sites, links }: { graph: Graph; root: string; sites: ReadonlyMap<string, SiteView>; links: readonly TopologyLink[] }) {
    const rows: { id: string; depth: number }[] = [];
    const walk = (id: string, depth: number, seen: ReadonlySet<string>) => {
        if (seen.has(id) || rows.length >= most) return;
        rows.push({ id, depth });
        for (const child of graph.children.get(id) ?? []) walk(child, depth + 1, new Set(seen).add(id));
    };
    walk(root, 0, new Set());
    const neighbours = (id: string) => links.filter((link) => link.kind === "adjacent" && (link.a === id || link.b === id)).length;
    return (
        <div className="link-table">
            <table className="table">
                <thead>
                    <tr>
                        <th>{t("column.site")}</th>
                        <th>{t("link.kind")}</th>
                        <th className="num">{t("link.length")}</th>
                        <th className="num">{t("blast.behind")}</th>
                        <th className="num">{t("link.neighbours")}</th>
                    </tr>
                </thead>
                <tbody>
                    {rows.map(({ id, depth }) => {
                        const link = graph.uplink.get(id);
                        const view = sites.get(id);
                        return (
                            <tr key={id}>
                                <td>
                                    <span className="row" style={{ paddingInlineStart: depth * 18 }}>
                                        {view && <StateMark state={view.state} />}
                                        <button className="as-link cut" onClick={() => setQuery({ root: id })}>
                                            {view?.site.name ?? id}
                                        </button>
                                    </span>
                                </td>
                                <td className="second nowrap">{link ? `${t(`link.${link.kind}` as Key)}${link.frequency_ghz ? ` ${number(link.frequency_ghz)}\u00a0GHz` : ""}` : "–"}</td>
                                <td className="num second nowrap">{link?.length_km !== undefined ? `${number(link.length_km)}\u00a0km` : "–"}</td>
                                <td className="num">{number(behind(graph, id).length - 1)}</td>
                                <td className="num second">{neighbours(id) || ""}</td>
                            </tr>
                        );
                    })}
                </tbody>
            </table>
        </div>
    );
}
