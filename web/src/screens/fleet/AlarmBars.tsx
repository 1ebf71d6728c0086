import type { FleetView } from "../../api/types";
import { clock, number } from "../../format";
import { useSize } from "../../state/hooks";
import { t } from "../../text";

const bin = 5 * 60_000;

/// Raised alarms per five minutes over six hours; the storm's own bins are coloured.
export function AlarmBars({ fleet }: { fleet: FleetView | undefined }) {
    const [attach, { width }] = useSize<HTMLDivElement>();
    const bins = fleet?.alarms_per_bin ?? [];
    const start = fleet?.bins_start_at ? Date.parse(fleet.bins_start_at) : 0;
    const storm = fleet?.storm_since ? Date.parse(fleet.storm_since) : Infinity;
    const top = Math.max(10, ...bins);
    const total = bins.reduce((sum, value) => sum + value, 0);
    const step = bins.length > 0 ? width / bins.length : 0;
    const hours: number[] = [];
    if (start) for (let at = Math.ceil(start / 3_600_000) * 3_600_000; at <= start + bins.length * bin; at += 3_600_000) hours.push(at);
    const words = t("bars.words", { total: number(total), latest: bins[bins.length - 1] ?? 0 });
    return (
        <section className="alarm-bars">
            <div>
                <h2>{t("bars.title")}</h2>
                <p className="meta">{t("bars.total", { n: number(total) })}</p>
                <p className="meta">{t("bars.active", { n: number(fleet?.active_alarms ?? 0) })}</p>
            </div>
            <div ref={attach} className="grow">
                <svg width={width} height={58} role="img" aria-label={words}>
                    <line x1={0} x2={width} y1={40.5} y2={40.5} stroke="var(--line)" />
                    {bins.map((value, index) => {
                        const height = value === 0 ? 1 : Math.max(2, (value / top) * 38);
                        const loud = start + (index + 1) * bin > storm;
                        return <rect key={index} x={index * step + 0.5} width={Math.max(1, step - 1.5)} y={40 - height} height={height} fill={loud ? "var(--major)" : "var(--idle)"} />;
                    })}
                    {hours.map((at) => (
                        <text key={at} x={((at - start) / bin) * step} y={54} fontSize={11} fill="var(--text-3)" textAnchor={at - start < bin * 3 ? "start" : at > start + (bins.length - 3) * bin ? "end" : "middle"}>
                            {clock(at)}
                        </text>
                    ))}
                </svg>
            </div>
        </section>
    );
}
