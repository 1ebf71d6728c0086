import type { IncidentView } from "../../api/types";
import { AutonomyBand } from "../../components/AutonomyBand";
import { EventIds } from "../../components/EventIds";
import { bandEnds, minutes, minutesFigure, number, quantity, span } from "../../format";
import { remaining, remainingSecond, soonest } from "../../logic/autonomy";
import { isOver } from "../../logic/triage";
import { Link } from "../../router/router";
import { useSize } from "../../state/hooks";
import { useLive } from "../../state/store";
import { t, tn } from "../../text";

/// Minutes to load disconnect: the largest type on the page, always with its band. No forecast is said, never made up.
export function ClockPanel({ item, now }: { item: IncidentView; now: number }) {
    const [attach, { width }] = useSize<HTMLDivElement>();
    const link = useLive((data) => data.link.kind);
    const sites = useLive((data) => data.sites);
    const forecast = isOver(item) ? undefined : soonest(item.snapshot.autonomy, now);
    if (isOver(item)) return null;
    const name = forecast ? sites.get(forecast.site_id)?.site.name ?? forecast.site_id : item.site_name;
    if (!forecast)
        return (
            <section className="panel clock-panel">
                <div className="panel-head">
                    <h2>{t("clock.title")}</h2>
                    <span className="meta">{name}</span>
                </div>
                <div className="panel-body">
                    <p className="clock-none">{t("clock.none")}</p>
                    <p className="meta">{t("clock.noneWhy")}</p>
                </div>
            </section>
        );
    const left = remaining(forecast, now);
    const second = remainingSecond(forecast, now);
    const figure = minutesFigure(left.p50);
    const age = (now - Date.parse(forecast.at)) / 1000;
    const others = item.snapshot.autonomy.length - 1;
    return (
        <section className="panel clock-panel">
            <div className="panel-head">
                <h2>{t("clock.title")}</h2>
                <Link to={`/sites/${encodeURIComponent(forecast.site_id)}`} className="meta">
                    {name}
                </Link>
            </div>
            <div className="panel-body">
                <div className="clock-figure">
                    <b className={left.p50 < 15 ? "critical" : ""}>
                        {link !== "live" && <small>{t("clock.about")}</small>}
                        {figure.value}
                    </b>
                    <span>
                        {figure.unit === "min" && <span className="clock-unit">{t("clock.minutes")}</span>}
                        <span className="meta">{t("clock.band", bandEnds(left.p10, left.p90))}</span>
                    </span>
                </div>
                <div ref={attach}>{width > 0 && <AutonomyBand left={left} now={now} width={width} />}</div>
                <div className="clock-facts meta">
                    {forecast.bus_volts !== undefined && <span>{quantity(forecast.bus_volts, "V", 1)}</span>}
                    {forecast.battery_amps !== undefined && <span>{quantity(Math.abs(forecast.battery_amps), "A")}</span>}
                    {forecast.state_of_charge !== undefined && <span>{t("clock.charge", { n: number(forecast.state_of_charge * 100) })}</span>}
                    <span>{t("clock.ends", { lvd: forecast.ends_with.toUpperCase().replace("LVD", "LVD ") })}</span>
                    <EventIds ids={forecast.event_ids} />
                </div>
                {second && <p className="meta">{t("clock.second", { p50: minutes(second.p50), ...bandEnds(second.p10, second.p90) })}</p>}
                {age > 300 && <p className="meta">{t("clock.made", { age: span(age) })}</p>}
                {others > 0 && <p className="meta">{tn("clock.others", others)}</p>}
            </div>
        </section>
    );
}
