import type { FleetView, SiteState } from "../../api/types";
import { StateMark, stateWord } from "../../components/marks";
import { number } from "../../format";
import { Link } from "../../router/router";
import { t } from "../../text";

const order: SiteState[] = ["down", "degraded", "on_battery", "watch", "blind", "in_service"];

export function Legend({ states }: { states: FleetView["states"] }) {
    const shown = order.filter((state) => state !== "watch" || (states.watch ?? 0) > 0);
    return (
        <ul className="legend" aria-label={t("fleet.legend")}>
            {shown.map((state) => (
                <li key={state}>
                    <Link to={`/sites?state=${state}`} className="plain-link">
                        <StateMark state={state} size={12} quiet />
                        <span className="second grow">{stateWord(state)}</span>
                        <span className="strong">{number(states[state] ?? 0)}</span>
                    </Link>
                </li>
            ))}
        </ul>
    );
}
