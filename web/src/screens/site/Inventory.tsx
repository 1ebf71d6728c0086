import type { SiteView } from "../../api/types";
import { number, quantity } from "../../format";
import { Link } from "../../router/router";
import { t } from "../../text";

/// What stands at the site, as its inventory event says.
export function Inventory({ view }: { view: SiteView }) {
    const { site } = view;
    const rows: [string, string][] = [];
    if (site.battery) rows.push([t("inventory.battery", { n: site.battery.strings, ah: number(site.battery.ah), chemistry: site.battery.chemistry.toUpperCase() }), site.battery.installed ?? ""]);
    if (site.dg) rows.push([t("inventory.generator", { kva: number(site.dg.kva), tank: number(site.dg.tank_l) }), ""]);
    if (site.solar_kwp) rows.push([t("inventory.solar", { kwp: number(site.solar_kwp, 1) }), ""]);
    if (site.load_kw !== undefined) rows.push([t("inventory.load", { kw: quantity(site.load_kw, "kW", 1) }), ""]);
    if (site.grid_class) rows.push([t("site.gridClass", { class: site.grid_class }), ""]);
    if (site.timezone) rows.push([t("inventory.zone", { zone: site.timezone }), ""]);
    return (
        <section className="panel inventory">
            <div className="panel-head">
                <h2>{t("inventory.title")}</h2>
                <Link className="meta" to={`/topology?root=${encodeURIComponent(site.site_id)}`}>
                    {t("inventory.topology")}
                </Link>
            </div>
            <div className="panel-body">
                <table className="table">
                    <thead>
                        <tr>
                            <th>{t("inventory.asset")}</th>
                            <th className="num">{t("inventory.installed")}</th>
                        </tr>
                    </thead>
                    <tbody>
                        {rows.map(([asset, installed]) => (
                            <tr key={asset}>
                                <td>{asset}</td>
                                <td className="num second">{installed}</td>
                            </tr>
                        ))}
                        {site.feeder_id && (
                            <tr>
                                <td>
                                    <Link className="plain-link" to={`/topology?root=${encodeURIComponent(site.site_id)}`}>
                                        {t("inventory.feeder", { feeder: site.feeder_id })}
                                    </Link>
                                </td>
                                <td />
                            </tr>
                        )}
                    </tbody>
                </table>
            </div>
        </section>
    );
}
