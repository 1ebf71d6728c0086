// The causal timeline as a picture: lanes by component, a true time axis, three looks for three kinds of knowledge.

import { useEffect, useMemo, useState } from "react";
import type { IncidentView, TimelineNode } from "../../api/types";
import { clock, date } from "../../format";
import { layoutTimeline, textWidth, type LaidNode } from "../../logic/timelineLayout";
import { t, type Key } from "../../text";

interface Props {
    item: IncidentView;
    now: number;
    width: number;
    labelOf: (node: TimelineNode) => { title: string; detail: string };
    voltage: readonly (readonly [number, number])[] | undefined;
    ended: number | undefined;
    lagText: (seconds: number) => string;
}

const gutter = 158;
const cut = (text: string, most: number): string => (text.length > most ? `${text.slice(0, most - 1)}…` : text);

function NodeMark({ laid }: { laid: LaidNode }) {
    const { node, x, y } = laid;
    if (node.knowledge === "predicted") return <circle cx={x} cy={y} r={6} fill="var(--surface)" stroke="var(--major)" strokeWidth={2} />;
    if (node.knowledge === "inferred") return <circle cx={x} cy={y} r={6} fill="var(--surface)" stroke="var(--indeterminate)" strokeWidth={1.8} strokeDasharray="3 2.4" />;
    if (node.is_root)
        return (
            <>
                <circle cx={x} cy={y} r={10.5} fill="var(--surface)" stroke="var(--critical)" strokeWidth={1.6} />
                <circle cx={x} cy={y} r={6} fill="var(--critical)" />
            </>
        );
    if (node.lane === "site") return <path d={`M${x} ${y - 7}l7 7-7 7-7-7z`} fill="var(--critical)" stroke="var(--surface)" />;
    return <circle cx={x} cy={y} r={5.5} fill="var(--text-1)" stroke="var(--surface)" strokeWidth={1} />;
}

function NodeLabel({ laid, labelOf }: { laid: LaidNode; labelOf: Props["labelOf"] }) {
    const { title, detail } = labelOf(laid.node);
    if (!laid.label) return null;
    const { x, y, anchor, leading } = laid.label;
    return (
        <g textAnchor={anchor} className="node-label">
            <text x={x} y={y} fontSize={13} fontWeight={600} fill="var(--text-1)">
                {cut(title, 33)}
            </text>
            <text x={x} y={y + leading} fontSize={12} fill="var(--text-3)">
                {cut(detail, 38)}
            </text>
        </g>
    );
}

export function TimelineSvg({ item, now, width, labelOf, voltage, ended, lagText }: Props) {
    const { snapshot } = item;
    const [zoom, setZoom] = useState<readonly [number, number]>();
    const [drag, setDrag] = useState<{ from: number; to: number } | null>(null);
    const layout = useMemo(
        () => layoutTimeline({ nodes: snapshot.timeline, edges: snapshot.edges, now, width, gutter, labelOf, zoom, ended, ...(voltage ? { voltage } : {}) }),
        [snapshot, now, width, labelOf, voltage, zoom, ended],
    );
    useEffect(() => setZoom(undefined), [snapshot.incident_id]);
    const { scale, height } = layout;
    const nowX = scale.x(now);
    const showNow = ended === undefined && nowX >= scale.left && nowX <= scale.right;
    const spot = (event: React.PointerEvent) => event.clientX - event.currentTarget.getBoundingClientRect().left;
    const finish = () => {
        if (drag && Math.abs(drag.to - drag.from) > 14) {
            const [from, to] = [Math.min(drag.from, drag.to), Math.max(drag.from, drag.to)];
            setZoom([scale.at(Math.max(scale.left, from)), scale.at(Math.min(scale.right, to))]);
        }
        setDrag(null);
    };
    const visible = layout.nodes.length;
    return (
        <div className="timeline-picture">
            <svg
                width={width}
                height={height + 6}
                role="img"
                aria-label={t("timeline.words", { n: visible })}
                onPointerDown={(event) => {
                    if (event.button === 0 && spot(event) > scale.left) setDrag({ from: spot(event), to: spot(event) });
                }}
                onPointerMove={(event) => drag && setDrag({ ...drag, to: spot(event) })}
                onPointerUp={finish}
                onPointerLeave={() => setDrag(null)}
                onDoubleClick={() => setZoom(undefined)}
            >
                <defs>
                    <marker id="arrow" viewBox="0 0 8 8" refX="6.4" refY="4" markerWidth="7.5" markerHeight="7.5" orient="auto">
                        <path d="M.6.8 7 4 .6 7.2z" fill="var(--control)" />
                    </marker>
                </defs>
                {showNow && <rect x={nowX} y={28} width={Math.max(0, width - nowX)} height={height - 28} fill="var(--future)" />}
                <line x1={0} x2={width} y1={33.5} y2={33.5} stroke="var(--line)" />
                {layout.ticks.map(({ at, seconds }) => (
                    <g key={at}>
                        <line x1={scale.x(at)} x2={scale.x(at)} y1={34} y2={height} stroke="var(--line)" opacity={0.6} />
                        {(!showNow || Math.abs(scale.x(at) - nowX) > 42) && (
                            <text x={scale.x(at)} y={22} fontSize={12} fill="var(--text-3)" textAnchor="middle">
                                {clock(at, seconds)}
                            </text>
                        )}
                    </g>
                ))}
                {scale.old && (
                    <>
                        <text x={scale.old.left + 8} y={22} fontSize={12} fill="var(--text-3)">
                            {date(scale.old.from)}
                        </text>
                        <path d={`M${scale.old.right + 4} 34${Array.from({ length: Math.ceil((height - 34) / 40) }, (_, index) => `l${index % 2 ? -7 : 7} 20l${index % 2 ? 7 : -7} 20`).join("")}`} fill="none" stroke="var(--line-strong)" />
                    </>
                )}
                {layout.lanes.map((lane, index) => (
                    <g key={lane.lane}>
                        {index > 0 && <line x1={0} x2={width} y1={lane.y + 0.5} y2={lane.y + 0.5} stroke="var(--line)" />}
                        <text x={16} y={lane.y + lane.height / 2 + 4} fontSize={13} fill="var(--text-2)">
                            {t(`lane.${lane.lane}` as Key)}
                        </text>
                    </g>
                ))}
                {layout.curve && (
                    <>
                        {layout.curve.thresholdY !== null && (
                            <>
                                <line x1={scale.left} x2={width} y1={layout.curve.thresholdY} y2={layout.curve.thresholdY} stroke="var(--critical)" strokeDasharray="2 3" opacity={0.6} />
                                <text x={scale.left + 8} y={layout.curve.thresholdY - 4} fontSize={11} fill="var(--text-3)" className="node-label">
                                    {(snapshot.autonomy[0]?.ends_with ?? "").toUpperCase().replace("LVD", "LVD ")}
                                </text>
                            </>
                        )}
                        <path d={layout.curve.reported} fill="none" stroke="var(--text-2)" strokeWidth={1.8} strokeLinejoin="round" />
                        <path d={layout.curve.predicted} fill="none" stroke="var(--major)" strokeWidth={1.8} strokeDasharray="4 3" />
                    </>
                )}
                {layout.edges.map((edge) => {
                    const predicted = edge.knowledge === "predicted";
                    return (
                        <path
                            key={edge.key}
                            d={edge.path}
                            fill="none"
                            stroke={predicted ? "var(--major)" : "var(--control)"}
                            strokeWidth={1.4}
                            strokeDasharray={predicted ? "4 3" : undefined}
                            markerEnd={predicted ? undefined : "url(#arrow)"}
                        />
                    );
                })}
                {layout.edges.map(
                    (edge) =>
                        edge.lag && (
                            <text key={edge.key} x={edge.lag.x} y={edge.lag.y} fontSize={12} fontWeight={600} fill="var(--accent)" textAnchor={edge.lag.anchor} className="node-label">
                                {lagText(edge.lag.seconds)}
                            </text>
                        ),
                )}
                {showNow && scale.knee !== undefined && (
                    <text x={nowX + 32} y={height - 6} fontSize={11} fill="var(--text-3)" className="node-label">
                        {t("timeline.otherScale")}
                    </text>
                )}
                {showNow && (
                    <g>
                        <line x1={nowX} x2={nowX} y1={28} y2={height} stroke="var(--text-1)" strokeWidth={1.6} />
                        <rect x={nowX - 25} y={7} width={50} height={20} rx={4} fill="var(--text-1)" />
                        <text x={nowX} y={21} fontSize={12} fontWeight={600} fill="var(--canvas)" textAnchor="middle">
                            {clock(now)}
                        </text>
                    </g>
                )}
                {layout.nodes.map((laid) => (
                    <g key={laid.node.node_id}>
                        <title>{`${labelOf(laid.node).title}, ${labelOf(laid.node).detail}`}</title>
                        <NodeMark laid={laid} />
                        <NodeLabel laid={laid} labelOf={labelOf} />
                    </g>
                ))}
                {drag && <rect x={Math.min(drag.from, drag.to)} y={34} width={Math.abs(drag.to - drag.from)} height={height - 34} fill="var(--accent)" opacity={0.14} />}
            </svg>
            {zoom && (
                <button className="button small zoom-out" onClick={() => setZoom(undefined)}>
                    {t("timeline.whole")}
                </button>
            )}
            {layout.nodes.some((laid) => !laid.label && textWidth(laid.node.label, "") > 0) && !zoom && <p className="meta timeline-note">{t("timeline.folded")}</p>}
        </div>
    );
}
