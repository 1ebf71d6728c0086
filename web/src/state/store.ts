// What the live feed knows, outside React; components subscribe to the part they draw.

import { useSyncExternalStore } from "react";
import { LiveFeed } from "../api/live";
import type { AlarmView, IncidentView, LiveChange, LiveFrame, SiteView } from "../api/types";
import type { LinkState } from "../logic/liveMachine";

export interface LiveData {
    sites: ReadonlyMap<string, SiteView>;
    alarms: ReadonlyMap<string, AlarmView>;
    incidents: ReadonlyMap<string, IncidentView>;
    link: LinkState;
    /// Whether a snapshot ever came.
    ready: boolean;
    /// Server clock minus ours, milliseconds, from the last heartbeat.
    clockOffset: number;
    /// When data or a heartbeat last came, our clock.
    heardAt: number;
    /// Changes that a resumed feed brought, shown for a moment.
    caughtUp: number | null;
}

let data: LiveData = {
    sites: new Map(),
    alarms: new Map(),
    incidents: new Map(),
    link: { kind: "idle" },
    ready: false,
    clockOffset: 0,
    heardAt: 0,
    caughtUp: null,
};

const listeners = new Set<() => void>();

function set(part: Partial<LiveData>): void {
    data = { ...data, ...part };
    for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
    listeners.add(listener);
    return () => listeners.delete(listener);
}

function index<Item>(items: readonly Item[] | undefined, key: (item: Item) => string): Map<string, Item> {
    return new Map((items ?? []).map((item) => [key(item), item]));
}

/// Applies one batch: only maps that change are copied, so that readers of the others stay still.
export function applyChanges(before: LiveData, changes: readonly LiveChange[]): Partial<LiveData> {
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

let caughtUpTimer = 0;

const feed = new LiveFeed({
    replace(frame: Extract<LiveFrame, { type: "snapshot" }>) {
        set({
            sites: index(frame.sites, (item) => item.site.site_id),
            alarms: index(frame.alarms, (item) => item.alarm.alarm_id),
            incidents: index(frame.incidents, (item) => item.snapshot.incident_id),
            ready: true,
            heardAt: Date.now(),
        });
    },
    apply: (changes) => set({ ...applyChanges(data, changes), heardAt: Date.now() }),
    link: (link) => {
        if (link !== data.link) set({ link });
    },
    clock: (at) => set({ clockOffset: at - Date.now(), heardAt: Date.now() }),
    caughtUp: (changes) => {
        set({ caughtUp: changes });
        window.clearTimeout(caughtUpTimer);
        caughtUpTimer = window.setTimeout(() => set({ caughtUp: null }), 6000);
    },
});

export const startLive = (): void => feed.start();
export const stopLive = (): void => feed.stop();
export const retryLive = (): void => feed.retryNow();

/// Puts a command's answer in at once instead of waiting for the delta that says the same.
export const putIncident = (item: IncidentView): void => set(applyChanges(data, [{ channel: "incidents", item }]));

export const liveNow = (): LiveData => data;

export function useLive<Part>(select: (data: LiveData) => Part): Part {
    return useSyncExternalStore(subscribe, () => select(data));
}

/// The server's clock.
export const serverNow = (): number => Date.now() + data.clockOffset;
