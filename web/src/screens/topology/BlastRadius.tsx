import type { ReactNode } from "react";
import type { SiteView, TopologyLink } from "../../api/types";
import { number } from "../../format";
import { remaining } from "../../logic/autonomy";
import { behind, other, pathUp, type Graph } from "../../logic/hopTree";
import { minutes } from "../../format";
import { Link, setQuery } from "../../router/router";
import { t, tn } from "../../text";

interface Props {
    root: string;
    graph: Graph;
    sites: ReadonlyMap<string, SiteView>;
    links: readonly TopologyLink[];
    now: number;
    children?: ReactNode;
}

/// Links that leave the blast radius without going through the site itself: today's or possible ways around.
function waysOut(inside: ReadonlySet<string>, root: string, links: readonly TopologyLink[]): { from: string; to: string; link: TopologyLink }[] {
    return links.flatMap((link) => {
        if (link.kind === "feeder" || inside.has(link.a) === inside.has(link.b)) return [];
        const from = inside.has(link.a) ? link.a : link.b;
        return from === root ? [] : [{ from, to: other(link, from), link }];
    });
}

export function BlastRadius({ root, graph, sites, links, now, children }: Props) {
    const all = behind(graph, root);
    const inside = new Set(all);
    const name = (id: string) => sites.get(id)?.site.name ?? id;
    const known = all.flatMap((id) => sites.get(id) ?? []);
    const down = known.filter((site) => site.state === "down").length;
    const operators = new Map<string, number>();
    for (const site of known) for (const operator of site.site.operators) operators.set(operator, (operators.get(operator) ?? 0) + 1);
    const kilowatts = known.reduce((sum, site) => sum + (site.site.load_kw ?? 0), 0);
    const ways = waysOut(inside, root, links);
    const view = sites.get(root);
    const left = view?.autonomy ? remaining(view.autonomy, now) : undefined;
    const up = pathUp(graph, root);
    const nearby = [root, ...up, ...(graph.children.get(up[0] ?? "") ?? [])].filter((id, index, list) => list.indexOf(id) === index);
    const weak = nearby.map((id) => ({ id, behind: behind(graph, id).length - 1 })).filter((row) => row.behind > 0).sort((one, two) => two.behind - one.behind || (one.id < two.id ? -1 : 1)).slice(0, 5);
    return (
        <aside className="blast" aria-label={t("blast.title", { name: name(root) })}>
            <div className="side-head">
                <h2>{t("blast.title", { name: name(root) })}</h2>
                <span className="meta">{t("blast.note")}</span>
            </div>
            <dl className="blast-figures">
                <div>
                    <dd>{number(all.length)}</dd>
                    <dt className="meta">{down > 0 ? t("blast.sitesDown", { n: down }) : tn("blast.sites", all.length)}</dt>
                </div>
                <div>
                    <dd>{number(operators.size)}</dd>
                    <dt className="meta">{tn("blast.operators", operators.size)}</dt>
                </div>
                <div>
                    <dd>{left ? minutes(left.p50) : "–"}</dd>
                    <dt className="meta">{left ? t("blast.left") : t("blast.noForecast")}</dt>
                </div>
                <div>
                    <dd>{number(kilowatts, 1)}</dd>
                    <dt className="meta">{t("blast.load")}</dt>
                </div>
            </dl>
            {operators.size > 0 && (
                <table className="table dense">
                    <thead>
                        <tr>
                            <th>{t("blast.operator")}</th>
                            <th className="num">{t("column.sites")}</th>
                        </tr>
                    </thead>
                    <tbody>
                        {[...operators].sort((one, two) => two[1] - one[1] || (one[0] < two[0] ? -1 : 1)).map(([operator, count]) => (
                            <tr key={operator}>
                                <td>{operator}</td>
                                <td className="num">{number(count)}</td>
                            </tr>
                        ))}
                    </tbody>
                </table>
            )}
            <section>
                <h3 className="peek-head">{t("blast.ways")}</h3>
                <ul className="ways">
                    {ways.filter((way) => way.link.kind !== "adjacent").length === 0 && (
                        <li>
                            <p className="strong">{t("blast.noPath")}</p>
                            <p className="meta">{tn("blast.only", all.length - 1)}</p>
                        </li>
                    )}
                    {ways.slice(0, 4).map((way) => (
                        <li key={`${way.from}/${way.to}`}>
                            <p className="strong">{t(way.link.kind === "adjacent" ? "blast.sees" : "blast.reaches", { from: name(way.from), to: name(way.to) })}</p>
                            {way.link.length_km !== undefined && <p className="meta">{t("blast.far", { km: number(way.link.length_km, 1) })}</p>}
                        </li>
                    ))}
                </ul>
            </section>
            {weak.length > 0 && (
                <section>
                    <h3 className="peek-head">{t("blast.weak")}</h3>
                    <table className="table dense">
                        <thead>
                            <tr>
                                <th>{t("column.site")}</th>
                                <th className="num">{t("blast.behind")}</th>
                            </tr>
                        </thead>
                        <tbody>
                            {weak.map((row) => (
                                <tr key={row.id}>
                                    <td>
                                        <button className="as-link" onClick={() => setQuery({ root: row.id })}>
                                            {name(row.id)}
                                        </button>
                                    </td>
                                    <td className="num">{number(row.behind)}</td>
                                </tr>
                            ))}
                        </tbody>
                    </table>
                </section>
            )}
            {children}
            <Link to={`/sites/${encodeURIComponent(root)}`}>{t("blast.open", { name: name(root) })}</Link>
            <ul className="tree-legend meta">
                <li>
                    <i className="l-fibre" /> {t("link.fibre")}
                </li>
                <li>
                    <i className="l-hop" /> {t("link.hop")}
                </li>
                <li>
                    <i className="l-risk" /> {t("blast.atRisk")}
                </li>
                <li>
                    <i className="l-down" /> {t("state.down").toLowerCase()}
                </li>
            </ul>
        </aside>
    );
}
