import { memo } from "react";
import type { AlarmView } from "../../api/types";
import { SeverityMark } from "../../components/marks";
import { fullTime, when } from "../../format";
import { alarmObject } from "../../logic/alarmObject";
import { Link } from "../../router/router";
import { t } from "../../text";

interface Props {
    item: AlarmView;
    now: number;
    top: number;
    index: number;
    focused: boolean;
    onSelect: () => void;
    onOpen: () => void;
}

const severityOf = (item: AlarmView) => (item.alarm.state === "cleared" ? "cleared" : item.alarm.perceived_severity);

function detail(item: AlarmView): string {
    const { alarm } = item;
    return [alarm.text || alarm.managed_object, alarm.occurrences > 1 ? `× ${alarm.occurrences}` : "", alarm.is_flapping ? t("alarms.flapping") : "", alarm.source === "detected" ? t("alarms.detected") : ""].filter(Boolean).join(", ");
}

function Incident({ number }: { number: string | undefined }) {
    return number ? (
        <Link to={`/incidents/${number}`} className="mono">
            {number}
        </Link>
    ) : (
        <span className="mono third">{t("alarms.noIncident")}</span>
    );
}

export const AlarmLine = memo(function AlarmLine({ item, now, top, index, focused, onSelect, onOpen }: Props) {
    return (
        <div role="row" aria-rowindex={index + 2} aria-current={focused || undefined} className={`alarm-line${focused ? " selected" : ""}`} style={{ transform: `translateY(${top}px)` }} onClick={onSelect} onDoubleClick={onOpen}>
            <span role="cell">
                <SeverityMark severity={severityOf(item)} size={13} />
            </span>
            <span role="cell" className="mono second" title={fullTime(item.alarm.raised_at)}>
                {when(item.alarm.raised_at, now, true)}
            </span>
            <span role="cell" className="mono cut">
                {item.alarm.alarm_type} <span className="second">{alarmObject(item.alarm.managed_object, item.alarm.site_id)}</span>
            </span>
            <span role="cell" className="medium cut">
                <Link className="plain-link" to={`/sites/${encodeURIComponent(item.alarm.site_id)}`}>
                    {item.site_name || item.alarm.site_id}
                </Link>
            </span>
            <span role="cell" className="second cut">
                {detail(item)}
            </span>
            <span role="cell" className="num">
                <Incident number={item.incident_number} />
            </span>
        </div>
    );
});

/// On a phone a row is three facts.
export const AlarmCard = memo(function AlarmCard({ item, now, top, index, onOpen }: Props) {
    return (
        <div role="row" aria-rowindex={index + 2} className="alarm-card" style={{ transform: `translateY(${top}px)` }} onClick={onOpen}>
            <span role="cell">
                <SeverityMark severity={severityOf(item)} />
            </span>
            <span role="cell" className="grow">
                <span className="spread">
                    <span className="medium cut">{item.site_name || item.alarm.site_id}</span>
                    <span className="mono second nowrap">{when(item.alarm.raised_at, now, true)}</span>
                </span>
                <span className="spread">
                    <span className="second cut">
                        {[item.alarm.alarm_type, alarmObject(item.alarm.managed_object, item.alarm.site_id), detail(item)].filter(Boolean).join(", ")}
                    </span>
                    <Incident number={item.incident_number} />
                </span>
            </span>
        </div>
    );
});
