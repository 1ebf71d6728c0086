// What the live feed knows, outside React; components subscribe to the part they draw.

import { useSyncExternalStore } from "react";
import { LiveFeed } from "../api/live";
import type { AlarmView, IncidentView, LiveFrame, SiteView } from "../api/types";
import { applyChanges } from "../logic/applyChanges";
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

/// Ends the feed and forgets what it brought: the next reader may be another tenant's.
export function stopLive(): void {
    feed.stop();
    set({ sites: new Map(), alarms: new Map(), incidents: new Map(), ready: false, heardAt: 0, caughtUp: null });
}
export const retryLive = (): void => feed.retryNow();

/// Puts a command's answer in at once instead of waiting for the delta that says the same.
export const putIncident = (item: IncidentView): void => set(applyChanges(data, [{ channel: "incidents", item }]));

export const liveNow = (): LiveData => data;

export function useLive<Part>(select: (data: LiveData) => Part): Part {
    return useSyncExternalStore(subscribe, () => select(data));
}

/// An instant of our clock as the server would write it.
export const onServer = (at: number): number => at + data.clockOffset;

/// Whether the feed has been away long enough (10 s) for everything on screen to step back.
export const isLost = (link: LinkState, now: number): boolean => (link.kind === "reconnecting" || link.kind === "offline") && now - link.since > 10_000;

/// The server's clock.
export const serverNow = (): number => Date.now() + data.clockOffset;
