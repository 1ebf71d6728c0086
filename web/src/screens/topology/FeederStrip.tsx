import type { SiteView, TopologyLink } from "../../api/types";
import { Icon } from "../../components/icons";
import { StateMark, stateWord } from "../../components/marks";
import { minutesColumn } from "../../format";
import { remaining } from "../../logic/autonomy";
import { feederOf } from "../../logic/proposals";
import { Link } from "../../router/router";
import { t, tn } from "../../text";

const most = 24;

/// The sites of one power feeder side by side: a lost feeder shows as a row of batteries.
export function FeederStrip({ feeder, sites, links, focus, now }: { feeder: string; sites: readonly SiteView[]; links: readonly TopologyLink[]; focus: string; now: number }) {
    const rank = (site: SiteView) => (site.autonomy ? remaining(site.autonomy, now).p50 : site.state === "in_service" ? 1e6 : 1e5);
    const members = sites.filter((site) => feederOf(site.site, links) === feeder).sort((one, two) => rank(one) - rank(two) || (one.site.name < two.site.name ? -1 : 1));
    const without = members.filter((site) => site.state !== "in_service").length;
    return (
        <section className="feeder">
            <div className="side-head">
                <h2>
                    {t("inventory.feeder", { feeder })} <span className="meta">{tn("feeder.sites", members.length)}, {t("feeder.touched", { n: without })}</span>
                </h2>
            </div>
            <ul>
                {members.slice(0, most).map((site) => {
                    const left = site.autonomy ? remaining(site.autonomy, now) : undefined;
                    return (
                        <li key={site.site.site_id} className={site.site.site_id === focus ? "focus" : ""}>
                            <Link className="plain-link" to={`/sites/${encodeURIComponent(site.site.site_id)}`}>
                                {left ? <span className="minor"><Icon name="battery" size={16} /></span> : <StateMark state={site.state} quiet />}
                                <span className="cut">
                                    <span className="medium">{site.site.name}</span>
                                    <span className="meta">{left ? minutesColumn(left.p50) : stateWord(site.state)}</span>
                                </span>
                            </Link>
                        </li>
                    );
                })}
                {members.length > most && <li className="meta">{t("topology.folded", { n: members.length - most })}</li>}
            </ul>
        </section>
    );
}
