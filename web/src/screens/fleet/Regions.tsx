import type { FleetView } from "../../api/types";
import { number, percent } from "../../format";
import { Link } from "../../router/router";
import { t } from "../../text";

export function Regions({ fleet }: { fleet: FleetView | undefined }) {
    const rows = [...(fleet?.regions ?? [])].sort((one, other) => other.down - one.down || other.on_battery - one.on_battery || (one.region < other.region ? -1 : 1));
    if (rows.length === 0) return null;
    return (
        <section>
            <div className="side-head">
                <h2>{t("regions.title")}</h2>
                <span className="meta">{t("regions.window")}</span>
            </div>
            <table className="table dense">
                <thead>
                    <tr>
                        <th>{t("column.region")}</th>
                        <th className="num">{t("column.sites")}</th>
                        <th className="num">{t("column.available")}</th>
                        <th className="num">{t("column.down")}</th>
                        <th className="num">{t("column.battery")}</th>
                    </tr>
                </thead>
                <tbody>
                    {rows.map((row) => (
                        <tr key={row.region}>
                            <td>
                                <Link className="plain-link" to={`/sites?region=${encodeURIComponent(row.region)}`}>
                                    {row.region}
                                </Link>
                            </td>
                            <td className="num second">{number(row.sites)}</td>
                            <td className="num">{row.availability === undefined ? "–" : percent(row.availability)}</td>
                            <td className={`num ${row.down > 0 ? "critical strong" : "third"}`}>{row.down}</td>
                            <td className={`num ${row.on_battery > 0 ? "" : "third"}`}>{row.on_battery}</td>
                        </tr>
                    ))}
                </tbody>
            </table>
        </section>
    );
}
