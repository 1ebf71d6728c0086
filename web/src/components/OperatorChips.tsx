import { initials } from "../format";

/// One box per mobile operator of the fleet, lit when the incident reaches it.
export function OperatorChips({ all, hit }: { all: readonly string[]; hit: readonly string[] }) {
    const shown = all.length > 0 && all.length <= 5 ? all : hit.slice(0, 5);
    const letters = initials(shown);
    return (
        <span className="operator-chips" role="img" aria-label={hit.join(", ")} title={hit.join(", ")}>
            {shown.map((name) => (
                <i key={name} className={hit.includes(name) ? "lit" : ""}>
                    {letters.get(name)}
                </i>
            ))}
        </span>
    );
}
