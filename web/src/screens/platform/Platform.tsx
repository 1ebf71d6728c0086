// Platform: is anything behind, lost or drifting?

import type { DeadLetterSummary, GroupView, Page, PlatformView, TopicView } from "../../api/types";
import { StatTile } from "../../components/StatTile";
import { Shape } from "../../components/marks";
import { ErrorNote } from "../../components/states";
import { Place } from "../../components/TopBar";
import { fullTime, millisecondsFigure, number, span } from "../../format";
import { useNow, useQuery } from "../../state/hooks";
import { useLive } from "../../state/store";
import { t, tn } from "../../text";
import { DeadLetters } from "./DeadLetters";
import { Decisions } from "./Decisions";
import { Groups } from "./Groups";
import { Topics } from "./Topics";

/// A decision later than this after its event is coloured; the promise is one second.
export const decisionPromise = 1000;

export default function Platform() {
    const now = useNow(5000);
    const beat = Math.floor(now / 5000);
    const sites = useLive((data) => data.sites.size);
    const platform = useQuery<PlatformView>("/platform", beat, 3000);
    const groups = useQuery<Page<GroupView>>("/consumer-groups", beat, 3000);
    const topics = useQuery<Page<TopicView>>("/topics", Math.floor(now / 15_000), 5000);
    const letters = useQuery<DeadLetterSummary>("/dead-letters/summary?state=waiting", Math.floor(now / 15_000), 5000);
    const view = platform.data;
    const worst = [...(groups.data?.items ?? [])].sort((one, two) => two.time_lag_ms - one.time_lag_ms)[0];
    const late = (worst?.time_lag_ms ?? 0) > 2000;
    const loading = !view;
    const sync = millisecondsFigure(view?.append_sync_ms.p99 ?? 0, 1);
    const decision = millisecondsFigure(view?.event_to_decision_ms.p99 ?? 0);
    return (
        <div className={`screen platform${platform.error ? " greyed" : ""}`}>
            <Place>
                <strong>{t("place.platform")}</strong> <span className="second">{view ? t("platform.version", { version: view.version }) : ""}</span>
            </Place>
            <h1 className="sr">{t("place.platform")}</h1>
            {platform.error && <ErrorNote title={t("error.platform")} error={platform.error} onRetry={platform.reload} />}
            <section className="tiles" aria-label={t("platform.numbers")}>
                <StatTile loading={loading} label={t("platform.accepted")} figure={number(view?.accepted_per_second ?? 0, (view?.accepted_per_second ?? 0) < 10 ? 1 : 0)} unit="ev/s" context={view && <span title={fullTime(view.started_at)}>{t("platform.acceptedTotal", { n: number(view.accepted_total), age: span((now - Date.parse(view.started_at)) / 1000) })}</span>} />
                <StatTile loading={loading} label={t("platform.append")} figure={sync.value} unit={`${sync.unit} p99`} context={view && t("platform.median", { n: number(view.append_sync_ms.p50, 1) })} />
                <StatTile loading={loading} label={t("platform.decision")} figure={<span className={(view?.event_to_decision_ms.p99 ?? 0) > decisionPromise ? "major" : ""}>{decision.value}</span>} unit={`${decision.unit} p99`} context={t("platform.target", { n: number(decisionPromise) })} />
                <StatTile loading={!groups.data} label={t("platform.lag")} mark={late && <Shape severity="major" size={16} />} figure={worst ? number(worst.time_lag_ms / 1000, 1) : "–"} unit="s" context={worst?.group ?? ""} />
                <StatTile loading={loading} label={t("platform.letters")} figure={view?.dead_letters_24h === undefined ? "–" : number(view.dead_letters_24h)} context={view && t("platform.rejected", { rejected: number(view.rejected_total), duplicates: number(view.duplicates_total) })} />
                <StatTile loading={loading} label={t("platform.silent")} figure={number(view?.sites_silent ?? 0)} unit={sites > 0 ? t("tile.of", { n: number(sites) }) : ""} context={view && tn("platform.clients", view.live_clients)} />
            </section>
            <div className="platform-body">
                <div className="platform-main">
                    <Groups query={groups} />
                    <Topics query={topics} now={now} />
                    <Decisions view={view} />
                </div>
                <DeadLetters query={letters} total={view?.dead_letters_24h ?? 0} now={now} />
            </div>
        </div>
    );
}
