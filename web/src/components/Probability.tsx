import { probability } from "../format";
import { t, type Key } from "../text";

/// "very likely", "likely", "possible" or "unknown", for prose and for readers of text.
export const likelihood = (value: number): string => t(`likelihood.${value >= 0.9 ? "very" : value >= 0.7 ? "likely" : value >= 0.4 ? "possible" : "unknown"}` as Key);

/// A neutral bar: never green to red, for a probability is not a grade.
export function ProbabilityBar({ value, lead = false }: { value: number; lead?: boolean }) {
    return (
        <span className={`probability${lead ? " lead" : ""}`} role="img" aria-label={`${probability(value)}, ${likelihood(value)}`}>
            <i style={{ width: `${Math.max(1, value * 100)}%` }} />
        </span>
    );
}
