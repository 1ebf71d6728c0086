import { useMemo, useState } from "react";
import type { IncidentView, SeriesView, TimelineNode } from "../../api/types";
import { KnowledgeDot } from "../../components/marks";
import { clock, lag, when } from "../../format";
import { endedAt, isOver } from "../../logic/triage";
import { useQuery, useSize } from "../../state/hooks";
import { t, tn, type Key } from "../../text";
import { TimelineList } from "./TimelineList";
import { TimelineSvg } from "./TimelineSvg";

const kinds = ["reported", "inferred", "predicted"] as const;

/// Second line of a node: its instant or band, how many, what it is to the incident.
export function nodeDetail(node: TimelineNode, now: number): string {
    const parts: string[] = [];
    if (node.knowledge === "predicted" && node.earliest && node.latest) parts.push(t("node.band", { from: clock(node.earliest), to: clock(node.latest) }));
    else if (node.knowledge === "predicted") parts.push(t("node.about", { at: clock(node.at) }));
    else parts.push(when(node.at, now, true));
    if (node.count > 1) parts.push(tn("node.sites", node.count));
    if (node.is_root) parts.push(t("node.root"));
    else if (node.is_trigger) parts.push(t("node.trigger"));
    if (node.knowledge === "inferred") parts.push(t("knowledge.inferred"));
    return parts.join(", ");
}

export function TimelinePanel({ item, now, phone }: { item: IncidentView; now: number; phone: boolean }) {
    const { snapshot } = item;
    const [asList, setAsList] = useState(false);
    const [attach, { width }] = useSize<HTMLDivElement>();
    const over = isOver(item);
    const from = Math.max(Date.parse(snapshot.onset_at) - 15 * 60_000, now - 7 * 86_400_000);
    const to = over ? endedAt(item) : now;
    // A minute's step keeps the address, and so the answer, still while the clock runs.
    const coarse = Math.ceil(to / 60_000) * 60_000;
    // The voltage belongs to the story only where a battery is part of it.
    const batteries = new Set(snapshot.timeline.filter((node) => node.lane === "battery").map((node) => node.site_id));
    // With batteries of several sites no single line would be true of all marks on it.
    const site = batteries.size === 1 ? [...batteries][0] : undefined;
    const path =
        site && !phone
            ? `/metrics/query?site_id=${encodeURIComponent(site)}&metric=power.dc.bus_v&from=${new Date(from).toISOString()}&to=${new Date(coarse).toISOString()}&max_points=300`
            : null;
    const voltage = useQuery<{ series: SeriesView[] }>(path, 0, 1000, snapshot.incident_id);
    const points = voltage.data?.series[0]?.points;
    const labels = useMemo(() => (node: TimelineNode) => ({ title: node.label, detail: nodeDetail(node, now) }), [now]);
    if (snapshot.timeline.length === 0) return null;
    const list = phone || asList;
    return (
        <section className="panel timeline">
            <div className="panel-head">
                <h2>{t(over ? "timeline.over" : "timeline.title")}</h2>
                <div className="row knowledge">
                    {kinds.map((kind) => (
                        <span key={kind} className="row second">
                            <KnowledgeDot knowledge={kind} /> {t(`knowledge.${kind}` as Key)}
                        </span>
                    ))}
                    {!phone && (
                        <button className="chip" onClick={() => setAsList(!asList)} aria-pressed={asList}>
                            {t(asList ? "timeline.asPicture" : "timeline.asList")}
                        </button>
                    )}
                </div>
            </div>
            <div ref={attach}>
                {list ? (
                    <TimelineList item={item} now={now} />
                ) : (
                    <>
                        {width > 0 && <TimelineSvg item={item} now={now} width={width} labelOf={labels} voltage={points} ended={over ? endedAt(item) : undefined} lagText={lag} />}
                        <div className="sr">
                            <TimelineList item={item} now={now} />
                        </div>
                    </>
                )}
            </div>
        </section>
    );
}
