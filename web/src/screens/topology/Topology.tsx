// Topology: what falls with this site, and is there a way around?

import { useMemo, useState } from "react";
import type { SiteView, TopologyView } from "../../api/types";
import { FleetMap } from "../../components/FleetMap";
import { Blocks, Empty, ErrorNote } from "../../components/states";
import { Place } from "../../components/TopBar";
import { clock, day, number } from "../../format";
import { behind, buildGraph, defaultRoot, layoutTree } from "../../logic/hopTree";
import { feederOf } from "../../logic/proposals";
import { best } from "../../logic/search";
import { setQuery, useLocation } from "../../router/router";
import { useNow, usePhone, useQuery } from "../../state/hooks";
import { onServer, useLive } from "../../state/store";
import { t, type Key } from "../../text";
import { BlastRadius } from "./BlastRadius";
import { AsOfField } from "./AsOfField";
import { FeederStrip } from "./FeederStrip";
import { HopTree } from "./HopTree";
import { ImportButton } from "./ImportButton";
import { LinkTable } from "./LinkTable";
import { Proposals, ProposalsWaiting } from "./Proposals";

const views = ["tree", "map", "table"] as const;

function RootField({ sites, current }: { sites: readonly SiteView[]; current: SiteView | undefined }) {
    const [text, setText] = useState("");
    const found = useMemo(() => (text.trim() ? best(sites, (site) => `${site.site.name} ${site.site.site_id}`, text, 8) : []), [sites, text]);
    return (
        <div className="root-field">
            <input className="field" type="search" aria-label={t("topology.root")} placeholder={t("topology.around", { name: current?.site.name ?? "" })} value={text} onChange={(event) => setText(event.target.value)} />
            {found.length > 0 && (
                <ul className="menu">
                    {found.map((site) => (
                        <li key={site.site.site_id}>
                            <button
                                className="button bare"
                                onClick={() => {
                                    setQuery({ root: site.site.site_id });
                                    setText("");
                                }}
                            >
                                {site.site.name} <span className="meta">{site.site.site_id}</span>
                            </button>
                        </li>
                    ))}
                </ul>
            )}
        </div>
    );
}

export default function Topology() {
    const { query } = useLocation();
    const phone = usePhone();
    const now = useNow(10_000);
    const asOf = query.get("at");
    const at = asOf && !Number.isNaN(Date.parse(asOf)) ? asOf : null;
    const answer = useQuery<TopologyView>(at ? `/topology?at=${encodeURIComponent(at)}` : "/topology", at ? 0 : Math.floor(now / 60_000), 5000);
    const live = useLive((data) => data.sites);
    const view = views.find((name) => name === query.get("view")) ?? (phone ? "table" : "tree");
    const links = answer.data?.links;
    // The feed's states are newer than the answer's; of the past the answer alone knows.
    const sites = useMemo(() => (answer.data?.sites ?? []).map((site) => (at ? site : live.get(site.site.site_id) ?? site)), [answer.data, at, live]);
    const byID = useMemo(() => new Map(sites.map((site) => [site.site.site_id, site])), [sites]);
    const graph = useMemo(() => buildGraph(links ?? []), [links]);
    const wanted = query.get("root");
    const fallback = useMemo(() => defaultRoot(answer.data?.sites ?? [], graph), [answer.data, graph]);
    const rootID = wanted && (byID.has(wanted) || graph.children.has(wanted) || graph.parent.has(wanted)) ? wanted : fallback;
    const root = rootID ? byID.get(rootID) : undefined;
    const feeder = root && feederOf(root.site, links ?? []);
    const layout = useMemo(() => (rootID ? layoutTree(graph, rootID, (id) => behind(graph, id).length) : undefined), [graph, rootID]);
    return (
        <div className="screen topology">
            <Place>
                <strong>{t("place.topology")}</strong> <span className="second">{root?.site.region ?? ""}</span>
            </Place>
            <h1 className="sr">{t("place.topology")}</h1>
            <div className="toolbar">
                <RootField sites={sites} current={root} />
                <span className="grow" />
                {answer.at > 0 && !phone && !at && <span className="meta cut">{t("topology.asKnown", { at: clock(onServer(answer.at), true), n: number(links?.length ?? 0) })}</span>}
                {at && !phone && <span className="meta cut">{t("topology.past", { at: `${day(Date.parse(at))} ${clock(at)}`, n: number(links?.length ?? 0) })}</span>}
                {!at && <ProposalsWaiting />}
                <AsOfField at={at} />
                <ImportButton onWritten={answer.reload} />
                <div className="segments" role="group" aria-label={t("topology.view")}>
                    {views.map((name) => (
                        <button key={name} aria-pressed={view === name} onClick={() => setQuery({ view: name })}>
                            {t(`topology.${name}` as Key)}
                        </button>
                    ))}
                </div>
            </div>
            {answer.error && <ErrorNote title={t("error.topology")} error={answer.error} onRetry={answer.reload} />}
            {!answer.data && !answer.error && <div className="panel-body"><Blocks heights={[60, 300]} /></div>}
            {answer.data && sites.length === 0 && <Empty title={t("topology.none")}>{t("topology.noneWhy")}</Empty>}
            {rootID && layout && (
                <div className="topology-body">
                    <div className="topology-main">
                        {view === "tree" && <HopTree layout={layout} focus={rootID} sites={byID} now={now} />}
                        {view === "map" && (
                            <div className="topology-map">
                                <FleetMap sites={sites} links={links ?? []} layer="backhaul" callouts={[]} />
                            </div>
                        )}
                        {view === "table" && <LinkTable graph={graph} root={rootID} sites={byID} links={links ?? []} />}
                        {feeder && view !== "map" && <FeederStrip feeder={feeder} sites={sites} links={links ?? []} focus={rootID} now={now} />}
                    </div>
                    <BlastRadius root={rootID} graph={graph} sites={byID} links={links ?? []} now={now}>
                        {!at && <Proposals sites={byID} onJudged={answer.reload} />}
                    </BlastRadius>
                </div>
            )}
        </div>
    );
}
