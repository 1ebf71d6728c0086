import { useState } from "react";
import { clock, number, quantity } from "../format";
import { chartGeometry, nearest, type Point } from "../logic/chart";
import { metricForm } from "../logic/metrics";
import { useSize } from "../state/hooks";
import { t } from "../text";
import { Stale } from "./states";

interface Props {
    title: string;
    metric: string;
    points: readonly Point[];
    from: number;
    to: number;
    limit?: { value: number; text: string };
    /// Seconds since the newest value; a badge appears beyond `promise`.
    age?: number;
    promise?: number;
    height?: number;
}

/// One metric over time: 1.5 px line, gaps stay gaps, the newest value in text.
export function TimeChart({ title, metric, points, from, to, limit, age, promise = 300, height = 178 }: Props) {
    const [attach, { width }] = useSize<HTMLDivElement>();
    const [at, setAt] = useState<number | null>(null);
    const form = metricForm(metric);
    const shape = chartGeometry(points, from, to, width, height, limit?.value);
    const newest = points[points.length - 1];
    const shown = at === null ? newest : nearest(points, at);
    const stale = age !== undefined && age > promise;
    const hours = width < 260 ? 4 : 2;
    const ticks: number[] = [];
    const step = ((to - from) / 3_600_000 <= 10 ? hours : 6) * 3_600_000;
    for (let tick = Math.ceil(from / step) * step; tick <= to; tick += step) ticks.push(tick);
    return (
        <figure className="chart">
            <figcaption className="spread">
                <span className="second cut">{title}</span>
                <span className="row nowrap">
                    <b className={stale ? "stale-value" : ""}>{shown ? quantity(shown[1], form.unit, form.decimals) : "–"}</b>
                    {at !== null && shown ? <span className="meta">{clock(shown[0])}</span> : limit && <span className="meta">{limit.text}</span>}
                    {stale && at === null && <Stale seconds={age} />}
                </span>
            </figcaption>
            <div ref={attach}>
                {points.length === 0 ? (
                    <p className="meta chart-none" style={{ height: height + 20 }}>
                        {t("chart.none")}
                    </p>
                ) : (
                    <svg
                        width={width}
                        height={height + 24}
                        role="img"
                        aria-label={t("chart.words", { title, value: newest ? quantity(newest[1], form.unit, form.decimals) : "", low: number(shape.low, 1), high: number(shape.high, 1) })}
                        onPointerMove={(event) => setAt(from + ((event.clientX - event.currentTarget.getBoundingClientRect().left) / Math.max(1, width)) * (to - from))}
                        onPointerLeave={() => setAt(null)}
                    >
                        {[shape.high, (shape.high + shape.low) / 2, shape.low].map((value) => (
                            <g key={value}>
                                <line x1={0} x2={width} y1={Math.round(shape.y(value)) + 0.5} y2={Math.round(shape.y(value)) + 0.5} stroke="var(--line)" />
                                <text x={width} y={Math.max(10, shape.y(value) - 4)} fontSize={11} fill="var(--text-3)" textAnchor="end">
                                    {number(value, Number.isInteger(value) ? 0 : 1)}
                                </text>
                            </g>
                        ))}
                        {limit && <line x1={0} x2={width} y1={shape.y(limit.value)} y2={shape.y(limit.value)} stroke="var(--critical)" strokeDasharray="3 3" opacity={0.75} />}
                        <path d={shape.path} fill="none" stroke={stale ? "var(--text-3)" : "var(--text-1)"} strokeWidth={1.5} strokeLinejoin="round" />
                        {at !== null && shown && <circle cx={shape.x(shown[0])} cy={shape.y(shown[1])} r={3.5} fill="var(--accent)" />}
                        {ticks.map((tick) => (
                            <text key={tick} x={shape.x(tick)} y={height + 18} fontSize={11} fill="var(--text-3)" textAnchor={shape.x(tick) < 16 ? "start" : shape.x(tick) > width - 16 ? "end" : "middle"}>
                                {clock(tick)}
                            </text>
                        ))}
                    </svg>
                )}
            </div>
        </figure>
    );
}
