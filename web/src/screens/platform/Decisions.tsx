import type { PlatformView } from "../../api/types";
import { number, quantity } from "../../format";
import { barPosition, trimBuckets } from "../../logic/histogram";
import { useSize } from "../../state/hooks";
import { t } from "../../text";

const height = 66;
const milliseconds = (value: number): string => (value >= 1000 ? quantity(value / 1000, "s", value % 1000 === 0 ? 0 : 1) : quantity(value, "ms"));

/// Time from accepted event to written decision, on a log scale; what is slower than the p99 is coloured.
export function Decisions({ view }: { view: PlatformView | undefined }) {
    const [attach, { width }] = useSize<HTMLDivElement>();
    const buckets = trimBuckets(view?.decision_histogram ?? []);
    const top = Math.max(1, ...buckets.map((bucket) => bucket[1]));
    const step = buckets.length > 0 ? width / buckets.length : 0;
    const { p50 = 0, p99 = 0, count = 0 } = view?.event_to_decision_ms ?? {};
    const x50 = barPosition(buckets, p50) * step;
    const x99 = barPosition(buckets, p99) * step;
    const labels = buckets.map((bucket, index) => ({ bound: bucket[0], x: (index + 1) * step })).filter((_, index) => index % Math.max(1, Math.ceil(74 / Math.max(1, step))) === 0);
    return (
        <section className="decisions">
            <div className="side-head">
                <h2>
                    {t("platform.decision")} <span className="meta">{t("decisions.note")}</span>
                </h2>
                <span className="meta">{t("decisions.count", { n: number(count) })}</span>
            </div>
            <div ref={attach}>
                {buckets.length === 0 ? (
                    <p className="second">{t("decisions.none")}</p>
                ) : (
                    <svg width={width} height={height + 34} role="img" aria-label={t("decisions.words", { p50: milliseconds(p50), p99: milliseconds(p99) })}>
                        {buckets.map(([bound, events], index) => {
                            const tall = events === 0 ? 0 : Math.max(2, (events / top) * height);
                            return <rect key={bound} x={index * step + 1} width={Math.max(1, step - 2)} y={14 + height - tall} height={tall} rx={1} fill={index * step >= x99 ? "var(--major)" : "var(--idle)"} />;
                        })}
                        <line x1={0} x2={width} y1={height + 14.5} y2={height + 14.5} stroke="var(--line)" />
                        {[
                            { x: x50, text: t("decisions.median", { v: milliseconds(p50) }) },
                            { x: x99, text: t("decisions.p99", { v: milliseconds(p99) }) },
                        ].map(({ x, text }, index) => (
                            <g key={text}>
                                <line x1={x} x2={x} y1={2} y2={height + 14} stroke="var(--text-2)" strokeDasharray="1.5 3" />
                                <text x={x + (x > width - 110 ? -5 : 5)} y={index === 1 && x99 - x50 < 110 ? 26 : 11} fontSize={12} fontWeight={600} fill="var(--text-1)" className="node-label topo-label" textAnchor={x > width - 110 ? "end" : "start"}>
                                    {text}
                                </text>
                            </g>
                        ))}
                        {labels.map(({ bound, x }) => (
                            <text key={bound} x={Math.min(x, width - 2)} y={height + 29} fontSize={11} fill="var(--text-3)" textAnchor="end">
                                {milliseconds(bound)}
                            </text>
                        ))}
                    </svg>
                )}
            </div>
        </section>
    );
}
