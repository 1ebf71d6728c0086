import { minutes } from "../format";
import { t } from "../text";

/// P10 to P90 with the median marked, on an axis shared by the list.
export function RaceBar({ p10, p50, p90, limit }: { p10: number; p50: number; p90: number; limit: number }) {
    const x = (value: number) => `${Math.min(100, (value / limit) * 100)}%`;
    const tone = p50 < 60 ? "critical" : "minor";
    const words = t("race.words", { p10: minutes(p10), p50: minutes(p50), p90: minutes(p90) });
    return (
        <span className={`race ${tone}`} role="img" aria-label={words} title={words}>
            <i className="race-band" style={{ left: x(p10), width: `calc(${x(p90)} - ${x(p10)})` }} />
            <i className="race-median" style={{ left: x(p50) }} />
        </span>
    );
}
