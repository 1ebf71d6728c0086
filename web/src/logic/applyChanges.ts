// Folding a batch of live changes into what is known.

import type { AlarmView, IncidentView, LiveChange, SiteView } from "../api/types";

export interface Known {
    sites: ReadonlyMap<string, SiteView>;
    alarms: ReadonlyMap<string, AlarmView>;
    incidents: ReadonlyMap<string, IncidentView>;
}

/// Applies one batch: only maps that change are copied, so that readers of the others stay still.
export function applyChanges(before: Known, changes: readonly LiveChange[]): Partial<Known> {
    const part: { sites?: Map<string, SiteView>; alarms?: Map<string, AlarmView>; incidents?: Map<string, IncidentView> } = {};
    for (const change of changes) {
        if (change.channel === "sites") {
            part.sites ??= new Map(before.sites);
            part.sites.set(change.item.site.site_id, change.item);
        } else if (change.channel === "alarms") {
            part.alarms ??= new Map(before.alarms);
            const alarm = change.item.alarm;
            // The store holds active alarms only; the list of all alarms is the server's.
            if (alarm.state === "cleared") part.alarms.delete(alarm.alarm_id);
            else part.alarms.set(alarm.alarm_id, change.item);
        } else {
            part.incidents ??= new Map(before.incidents);
            part.incidents.set(change.item.snapshot.incident_id, change.item);
        }
    }
    return part;
}
