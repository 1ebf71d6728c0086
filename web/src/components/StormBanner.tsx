import { clock, number } from "../format";
import { Link } from "../router/router";
import { Key } from "../state/keys";
import { t } from "../text";
import { Icon } from "./icons";

/// Shown while alarms come faster than people can read: how many need somebody, and how many need nobody.
export function StormBanner({ since, alarms, incidents, needs }: { since: string; alarms: number; incidents: number; needs: number }) {
    return (
        <div className="storm" role="status">
            <Icon name="alarms" size={18} />
            <strong>{t("storm.since", { at: clock(since) })}</strong>
            <span className="second cut grow">{t("storm.folded", { alarms: number(alarms), incidents, rest: Math.max(0, incidents - needs) })}</span>
            <Link className="button small" to="/incidents">
                {t("storm.triage", { n: needs })} <Key>G</Key>
                <Key>I</Key>
            </Link>
        </div>
    );
}
