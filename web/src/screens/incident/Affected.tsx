import type { AffectedSite, IncidentView, Severity } from "../../api/types";
import { SeverityMark } from "../../components/marks";
import { clock, initials, span } from "../../format";
import { Link } from "../../router/router";
import { useLive } from "../../state/store";
import { t, tn } from "../../text";

const marks: Record<AffectedSite["impact"], Severity> = { down: "critical", root: "major", degraded: "major", on_battery: "minor", at_risk: "minor", blind: "indeterminate" };
const order: AffectedSite["impact"][] = ["down", "root", "degraded", "on_battery", "at_risk", "blind"];
const most = 12;

function words(site: AffectedSite, now: number): string {
    const lasted = site.since ? span((now - Date.parse(site.since)) / 1000) : "";
    switch (site.impact) {
        case "down":
            return t("affected.down", { span: lasted });
        case "root":
            return t("affected.root");
        case "degraded":
            return t("affected.degraded");
        case "on_battery":
            return t("affected.battery", { span: lasted });
        case "at_risk":
            return site.expected_at ? t("affected.cut", { at: clock(site.expected_at) }) : t("affected.risk");
        default:
            return t("affected.blind", { span: lasted });
    }
}

export function Affected({ item, now, onSplit }: { item: IncidentView; now: number; onSplit?: (() => void) | undefined }) {
    const sites = useLive((data) => data.sites);
    const { affected_sites: all, affected_operators: operators } = item.snapshot;
    if (all.length === 0) return null;
    const sorted = [...all].sort((one, two) => order.indexOf(one.impact) - order.indexOf(two.impact) || (one.site_id < two.site_id ? -1 : 1));
    const letters = initials(operators);
    return (
        <section className="panel">
            <div className="panel-head">
                <h2>{t("affected.title")}</h2>
                <span className="meta">{tn("affected.count", all.length)}</span>
                {onSplit && (
                    <button className="button small" onClick={onSplit}>
                        {t("command.split")}
                    </button>
                )}
            </div>
            <div className="panel-body">
                <ul className="affected">
                    {sorted.slice(0, most).map((site) => (
                        <li key={site.site_id}>
                            <SeverityMark severity={marks[site.impact]} />
                            <Link className="plain-link grow cut" to={`/sites/${encodeURIComponent(site.site_id)}`}>
                                {sites.get(site.site_id)?.site.name ?? site.site_id}
                            </Link>
                            <span className="meta nowrap">{words(site, now)}</span>
                            <span className="mono second operator-letters" aria-label={site.operators.join(", ")}>
                                {operators.slice(0, 5).map((name) => (site.operators.includes(name) ? letters.get(name) : "·")).join("")}
                            </span>
                        </li>
                    ))}
                </ul>
                <p className="meta">
                    <Link to={`/topology?root=${encodeURIComponent(item.snapshot.site_id)}&at=${encodeURIComponent(item.snapshot.opened_at)}`}>{t("topology.opened")}</Link>
                </p>
                {sorted.length > most && <p className="meta">{t("affected.more", { n: sorted.length - most })}</p>}
                <p className="affected-operators">
                    {operators.map((name) => (
                        <span key={name} className="meta">
                            {name} <b>{tn("affected.count", all.filter((site) => site.operators.includes(name)).length)}</b>
                        </span>
                    ))}
                </p>
            </div>
        </section>
    );
}
