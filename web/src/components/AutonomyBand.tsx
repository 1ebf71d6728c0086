import { clock, minutes } from "../format";
import type { Remaining } from "../logic/autonomy";
import { axisTicks } from "../logic/autonomy";
import { t } from "../text";

/// P10 to P90 and the median on a time axis that begins now.
export function AutonomyBand({ left, now, width, label = true }: { left: Remaining; now: number; width: number; label?: boolean }) {
    const until = Math.max(left.at90 + (left.at90 - now) * 0.35, now + 30 * 60_000);
    const pad = 2;
    const x = (at: number) => pad + Math.min(1, Math.max(0, (at - now) / (until - now))) * (width - 2 * pad);
    const ticks = axisTicks(now, until, width < 240 ? 3 : 4);
    const tone = left.p50 < 15 ? "var(--critical)" : "var(--major)";
    const words = t("race.words", { p10: minutes(left.p10), p50: minutes(left.p50), p90: minutes(left.p90) });
    const labelAt = Math.min(width - 18, Math.max(18, x(left.at50)));
    return (
        <svg width={width} height={58} role="img" aria-label={words}>
            <line x1={pad} x2={width - pad} y1={28.5} y2={28.5} stroke="var(--control)" />
            {ticks.map((at) => (
                <g key={at}>
                    <line x1={x(at)} x2={x(at)} y1={24} y2={33} stroke="var(--control)" />
                    <text x={x(at)} y={52} fontSize={11} fill="var(--text-3)" textAnchor={x(at) < 18 ? "start" : x(at) > width - 18 ? "end" : "middle"}>
                        {clock(at)}
                    </text>
                </g>
            ))}
            <rect x={x(left.at10)} width={Math.max(3, x(left.at90) - x(left.at10))} y={21} height={15} rx={2.5} fill={tone} opacity={0.42} />
            <rect x={x(left.at50) - 1.5} width={3} y={15} height={27} rx={1} fill={tone} />
            {label && (
                <text x={labelAt} y={10} fontSize={12} fontWeight={600} fill="var(--text-1)" textAnchor="middle">
                    {clock(left.at50)}
                </text>
            )}
        </svg>
    );
}
