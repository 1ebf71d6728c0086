// Forecasts: what tanks, generators, shelters and batteries will do, the most urgent first.

import { useMemo } from "react";
import type { ForecastKind, Page, SiteForecast } from "../../api/types";
import { Blocks, Empty, ErrorNote } from "../../components/states";
import { Place } from "../../components/TopBar";
import { fullTime, number, when } from "../../format";
import { byUrgency, kinds } from "../../logic/forecasts";
import { Link, setQuery, useLocation } from "../../router/router";
import { useNow, useQuery } from "../../state/hooks";
import { useLive } from "../../state/store";
import { t, tn, type Key } from "../../text";
import { band, figure } from "./words";

const kindWord = (kind: ForecastKind): string => t(`forecast.kind.${kind}` as Key);

export default function Forecasts() {
    const { query } = useLocation();
    const now = useNow(30_000);
    const kind = kinds.find((name) => name === query.get("kind"));
    const sites = useLive((data) => data.sites);
    const answer = useQuery<Page<SiteForecast>>(`/forecasts?limit=1000${kind ? `&kind=${kind}` : ""}`, Math.floor(now / 60_000), 4000);
    const items = useMemo(() => [...(answer.data?.items ?? [])].sort(byUrgency).slice(0, 500), [answer.data]);
    return (
        <div className="screen forecasts">
            <Place>
                <strong>{t("place.forecasts")}</strong>
            </Place>
            <h1 className="sr">{t("place.forecasts")}</h1>
            <div className="toolbar">
                <div className="tabs" role="group" aria-label={t("forecast.what")}>
                    <button className="tab" aria-pressed={!kind} onClick={() => setQuery({ kind: null })}>
                        {t("forecast.all")}
                    </button>
                    {kinds.map((name) => (
                        <button key={name} className="tab" aria-pressed={kind === name} onClick={() => setQuery({ kind: name })}>
                            {kindWord(name)}
                        </button>
                    ))}
                </div>
            </div>
            {answer.error && <ErrorNote title={t("forecast.error")} error={answer.error} onRetry={answer.reload} />}
            {!answer.data && !answer.error && <Blocks heights={[42, 42, 42]} gap={4} />}
            {answer.data && items.length === 0 && <Empty title={t("forecast.none")}>{t("forecast.noneWhy")}</Empty>}
            {items.length > 0 && (
                <section className="panel">
                    <div className="panel-body">
                        <table className="table">
                            <thead>
                                <tr>
                                    <th>{t("column.site")}</th>
                                    <th>{t("forecast.what")}</th>
                                    <th className="num">{t("forecast.value")}</th>
                                    <th className="num">{t("forecast.band")}</th>
                                    <th>{t("forecast.basis")}</th>
                                    <th>{t("forecast.made")}</th>
                                </tr>
                            </thead>
                            <tbody>
                                {items.map((item) => (
                                    <tr key={`${item.kind}/${item.site_id}`}>
                                        <td>
                                            <Link className="plain-link medium" to={`/sites/${encodeURIComponent(item.site_id)}`}>
                                                {sites.get(item.site_id)?.site.name ?? item.site_id}
                                            </Link>
                                        </td>
                                        <td>{kindWord(item.kind)}</td>
                                        <td className="num">
                                            <b>{figure(item, item.p50)}</b>
                                        </td>
                                        <td className="num second">{band(item)}</td>
                                        <td className="second">{item.basis}</td>
                                        <td className="second nowrap" title={fullTime(item.at)}>
                                            {when(item.at, now)}
                                        </td>
                                    </tr>
                                ))}
                            </tbody>
                        </table>
                        <p className="meta">{tn("forecast.shown", answer.data?.total ?? items.length, { n: number(answer.data?.total ?? items.length) })}</p>
                    </div>
                </section>
            )}
        </div>
    );
}
