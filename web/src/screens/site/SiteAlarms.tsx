import type { AlarmView, IncidentView } from "../../api/types";
import { EventIds } from "../../components/EventIds";
import { SeverityMark, Shape } from "../../components/marks";
import { Blocks, Empty } from "../../components/states";
import { fullTime, when } from "../../format";
import { alarmObject } from "../../logic/alarmObject";
import { t, tn } from "../../text";

const ranks = { cleared: 0, indeterminate: 1, warning: 2, minor: 3, major: 4, critical: 5 } as const;

/// What an alarm is to the incident that holds it.
function part(view: AlarmView, incident: IncidentView | undefined): string {
    const events = new Set(view.alarm.event_ids);
    const node = incident?.snapshot.timeline.find((each) => each.event_ids.some((id) => events.has(id)));
    if (node?.is_root) return t("part.root");
    if (node?.is_trigger) return t("part.trigger");
    return view.incident_number ? t("part.effect") : "";
}

export function SiteAlarms({ alarms, incident, now, loading }: { alarms: readonly AlarmView[]; incident: IncidentView | undefined; now: number; loading: boolean }) {
    const sorted = [...alarms].sort((one, two) => ranks[two.alarm.perceived_severity] - ranks[one.alarm.perceived_severity] || (one.alarm.raised_at < two.alarm.raised_at ? 1 : -1));
    const missing = incident?.snapshot.root_cause_candidates[0]?.missing ?? [];
    return (
        <section className="panel site-alarms">
            <div className="panel-head">
                <h2>
                    {t("place.alarms")} <span className="meta">{tn("alarms.active", alarms.length)}</span>
                </h2>
            </div>
            <div className="panel-body">
                {loading && <Blocks heights={[28, 28, 28]} gap={6} />}
                {!loading && sorted.length === 0 && <Empty good title={t("alarms.noneActive")} />}
                <ul className="alarm-lines">
                    {sorted.slice(0, 14).map((view) => (
                        <li key={view.alarm.alarm_id} title={view.alarm.text}>
                            <SeverityMark severity={view.alarm.perceived_severity} size={12} />
                            <span className="mono second nowrap" title={fullTime(view.alarm.raised_at)}>
                                {when(view.alarm.raised_at, now, true)}
                            </span>
                            <span className="grow cut medium">
                                {view.alarm.alarm_type} <span className="second">{alarmObject(view.alarm.managed_object, view.alarm.site_id)}</span>
                                {view.alarm.occurrences > 1 && ` × ${view.alarm.occurrences}`}
                            </span>
                            <span className="meta">{part(view, incident)}</span>
                            <EventIds ids={view.alarm.event_ids} />
                        </li>
                    ))}
                </ul>
                {missing.length > 0 && (
                    <>
                        <h3 className="expected">{t("site.expected")}</h3>
                        <ul className="alarm-lines">
                            {missing.slice(0, 4).map((fact) => (
                                <li key={fact.text}>
                                    <Shape severity="indeterminate" size={12} />
                                    <span className="grow">{fact.text}</span>
                                </li>
                            ))}
                        </ul>
                    </>
                )}
            </div>
        </section>
    );
}
