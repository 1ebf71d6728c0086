import type { ReactNode } from "react";
import { useChanged } from "../state/hooks";

export interface TileProps {
    label: string;
    figure: ReactNode;
    unit?: ReactNode;
    context?: ReactNode;
    mark?: ReactNode;
    to?: string;
    loading?: boolean;
    aside?: ReactNode;
}

/// Label, figure, unit, one line of context.
export function StatTile({ label, figure, unit, context, mark, loading, aside }: TileProps) {
    const changed = useChanged(typeof figure === "string" && !loading ? figure : "");
    return (
        <div className="tile" aria-busy={loading}>
            <span className="tile-label">{label}</span>
            {loading ? (
                <span className="block" style={{ height: 32, width: 110 }} />
            ) : (
                <span className="tile-figure">
                    {mark}
                    <b className={changed}>{figure}</b>
                    {unit && <span className="tile-unit">{unit}</span>}
                </span>
            )}
            {loading ? <span className="block" style={{ height: 12, width: 80 }} /> : <span className="meta cut">{context ?? "\u00a0"}</span>}
            {aside}
        </div>
    );
}
