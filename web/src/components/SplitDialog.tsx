import { useMemo, useState } from "react";
import type { IncidentCommand } from "../api/client";
import type { AlarmView, IncidentView, Page } from "../api/types";
import { when } from "../format";
import { splitCommand, splitRows } from "../logic/verdict";
import { useQuery } from "../state/hooks";
import { useLive } from "../state/store";
import { t, tn } from "../text";
import { CommandForm, ReasonField } from "./CommandForm";
import { SeverityMark } from "./marks";
import { Blocks, ErrorNote } from "./states";

const most = 1000;

/// Which sites and alarms are another matter: they become an incident of their own.
export function SplitDialog({ item, now, onClose, onSend }: { item: IncidentView; now: number; onClose: () => void; onSend: (command: IncidentCommand) => void }) {
    const asked = useQuery<Page<AlarmView>>(`/alarms?limit=${most}&incident_id=${encodeURIComponent(item.snapshot.incident_id)}`, item.snapshot.revision, 3000);
    const named = useLive((data) => data.sites);
    const [picked, setPicked] = useState<ReadonlySet<string>>(new Set());
    const [reason, setReason] = useState("");
    const rows = useMemo(() => splitRows(item, asked.data?.items ?? []), [item, asked.data]);
    const command = splitCommand(rows, picked, reason.trim());
    const toggle = (key: string) => {
        const next = new Set(picked);
        if (!next.delete(key)) next.add(key);
        setPicked(next);
    };
    const submit = () => {
        if (!command) return;
        onSend(command);
        onClose();
    };
    return (
        <CommandForm title={t("dialog.split", { number: item.number })} note={t("dialog.split.note")} send={t("command.split")} disabled={!command} onSubmit={submit} onClose={onClose}>
            {asked.error && !asked.data && <ErrorNote title={t("split.error")} error={asked.error} onRetry={asked.reload} />}
            {!asked.data && !asked.error && <Blocks heights={[120]} />}
            {asked.data && (
                <ul className="split-list">
                    {rows.map((row) => (
                        <li key={row.site}>
                            <label className="split-row">
                                <input type="checkbox" checked={picked.has(row.site)} onChange={() => toggle(row.site)} />
                                <span className="grow cut medium">{named.get(row.site)?.site.name ?? (row.name || row.site)}</span>
                                <span className="meta nowrap">{tn("split.alarms", row.alarms.length)}</span>
                            </label>
                            {row.alarms.map((alarm) => (
                                <label key={alarm.alarm_id} className="split-row split-alarm">
                                    <input type="checkbox" disabled={picked.has(row.site)} checked={picked.has(row.site) || picked.has(alarm.alarm_id)} onChange={() => toggle(alarm.alarm_id)} />
                                    <SeverityMark severity={alarm.state === "cleared" ? "cleared" : alarm.perceived_severity} />
                                    <span className="grow cut">{alarm.text || alarm.alarm_type}</span>
                                    <span className="meta nowrap">{when(alarm.raised_at, now)}</span>
                                </label>
                            ))}
                        </li>
                    ))}
                </ul>
            )}
            <ReasonField label={t("dialog.split.field")} value={reason} onChange={setReason} />
            {picked.size > 0 && !command && <p className="meta">{t("split.nothingStays")}</p>}
        </CommandForm>
    );
}
