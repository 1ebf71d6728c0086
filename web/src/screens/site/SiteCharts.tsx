import type { SeriesView, SiteView } from "../../api/types";
import { Empty } from "../../components/states";
import { TimeChart } from "../../components/TimeChart";
import { metricsOfTab } from "../../logic/metrics";
import { useQuery } from "../../state/hooks";
import { en } from "../../text/en";
import { t, type Key } from "../../text";

const hours = 8;
/// What the power page asks for even before the first value has been heard.
const always: Record<string, readonly string[]> = { power: ["power.dc.bus_v", "battery.i", "battery.temp"] };

export const metricName = (metric: string): string => (`metric.${metric}` in en ? t(`metric.${metric}` as Key) : metric);

/// Charts of the last eight hours for the metrics this tab is about.
export function SiteCharts({ id, tab, view, now, alone }: { id: string; tab: string; view: SiteView; now: number; alone: boolean }) {
    const heard = (view.latest ?? []).map((value) => value.metric);
    const metrics = metricsOfTab(tab, heard.length > 0 ? heard : always[tab] ?? [], alone ? 9 : 3);
    // A minute's step keeps the address, and so the answer, still while the clock runs.
    const to = Math.ceil(now / 60_000) * 60_000;
    const from = to - hours * 3_600_000;
    const path = metrics.length > 0 ? `/metrics/query?site_id=${encodeURIComponent(id)}&metric=${metrics.join(",")}&from=${new Date(from).toISOString()}&to=${new Date(to).toISOString()}&max_points=400` : null;
    const query = useQuery<{ series: SeriesView[] }>(path, 0, 1000, `${id}/${tab}`);
    if (metrics.length === 0)
        return (
            <section className="panel charts-panel">
                <Empty title={t("site.quiet")}>{t("later.tab")}</Empty>
            </section>
        );
    return (
        <section className="panel charts-panel" aria-label={t("site.charts")}>
            <div className="charts">
                {metrics.map((metric) => {
                    const latest = view.latest?.find((value) => value.metric === metric);
                    const points = query.data?.series.find((series) => series.metric === metric)?.points ?? [];
                    return (
                        <TimeChart
                            key={metric}
                            title={metricName(metric)}
                            metric={metric}
                            points={points}
                            from={from}
                            to={to}
                            {...(latest ? { age: Math.max(0, (now - Date.parse(latest.at)) / 1000) } : {})}
                        />
                    );
                })}
            </div>
        </section>
    );
}
