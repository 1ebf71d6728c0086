import type { FleetView } from "../../api/types";
import { RaceBar } from "../../components/RaceBar";
import { minutesColumn } from "../../format";
import { remaining } from "../../logic/autonomy";
import { Link } from "../../router/router";
import { t } from "../../text";

const limit = 360;

/// Batteries racing to their disconnect on one axis of six hours, sorted by median.
export function NextToFall({ fleet, now }: { fleet: FleetView | undefined; now: number }) {
    const rows = (fleet?.next_to_fall ?? [])
        .map((row) => ({ ...row, left: remaining(row.autonomy, now) }))
        .sort((one, other) => one.left.p50 - other.left.p50)
        .slice(0, 6);
    return (
        <section>
            <div className="side-head">
                <h2>{t("fall.title")}</h2>
                <span className="meta">{t("fall.note")}</span>
            </div>
            {rows.length === 0 ? (
                <p className="second">{t("fall.none")}</p>
            ) : (
                <table className="fall">
                    <thead>
                        <tr className="meta">
                            <th>
                                <span className="sr">{t("column.site")}</span>
                            </th>
                            <th className="fall-axis" aria-hidden="true">
                                <span>{t("fall.now")}</span>
                                <span>2 h</span>
                                <span>4 h</span>
                                <span>6 h</span>
                            </th>
                            <th className="num">{t("fall.left")}</th>
                            <th className="num">{t("fall.takes")}</th>
                        </tr>
                    </thead>
                    <tbody>
                        {rows.map((row) => (
                            <tr key={row.autonomy.site_id}>
                                <td className="cut">
                                    <Link className="plain-link" to={`/sites/${encodeURIComponent(row.autonomy.site_id)}`}>
                                        {row.site_name}
                                    </Link>
                                </td>
                                <td>
                                    <RaceBar {...row.left} limit={limit} />
                                </td>
                                <td className="num strong">{minutesColumn(row.left.p50)}</td>
                                <td className="num third">{row.takes > 0 ? `+${row.takes}` : ""}</td>
                            </tr>
                        ))}
                    </tbody>
                </table>
            )}
        </section>
    );
}
