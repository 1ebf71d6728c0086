import type { Page, SiteForecast } from "../../api/types";
import { fullTime, when } from "../../format";
import { byUrgency } from "../../logic/forecasts";
import { Link } from "../../router/router";
import { useQuery } from "../../state/hooks";
import { t, type Key } from "../../text";
import { band, figure } from "../forecasts/words";

/// What is expected of the site's tank, generator, shelter and battery. Nothing is drawn before there is a forecast.
export function SiteForecasts({ id, now }: { id: string; now: number }) {
    const answer = useQuery<Page<SiteForecast>>(`/forecasts?site_id=${encodeURIComponent(id)}&limit=20`, Math.floor(now / 60_000), 4000);
    const items = [...(answer.data?.items ?? [])].sort(byUrgency);
    if (items.length === 0) return null;
    return (
        <section className="panel site-alarms">
            <div className="panel-head">
                <h2>{t("forecast.title")}</h2>
                <Link to="/forecasts" className="meta">
                    {t("forecast.all")}
                </Link>
            </div>
            <div className="panel-body">
                <ul className="alarm-lines">
                    {items.map((item) => (
                        <li key={item.kind} title={`${item.basis}. ${fullTime(item.at)}`}>
                            <span className="grow medium">{t(`forecast.kind.${item.kind}` as Key)}</span>
                            <b className="nowrap">{figure(item, item.p50)}</b>
                            <span className="meta nowrap">{band(item)}</span>
                            <span className="meta nowrap">{when(item.at, now)}</span>
                        </li>
                    ))}
                </ul>
            </div>
        </section>
    );
}
