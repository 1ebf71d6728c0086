import { t, type Key } from "../text";
import { Place } from "./TopBar";

export type LaterPlace = "energy" | "sla" | "jobs" | "audit" | "notFound";

/// A place that is kept for what comes: one calm sentence, nothing pretended.
export function Later({ place }: { place: LaterPlace }) {
    return (
        <div className="screen later">
            <Place>
                <strong>{t(`place.${place}` as Key)}</strong>
            </Place>
            <h1>{t(`place.${place}` as Key)}</h1>
            <p className="second">{t(`later.${place}` as Key)}</p>
        </div>
    );
}
