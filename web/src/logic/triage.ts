// The triage list: who belongs in which group, in which order, and what may move while a hand is near.

import type { IncidentView } from "../api/types";
import { remaining, soonest } from "./autonomy";

export type Sort = "next" | "reach" | "severity" | "age";
export type Tab = "open" | "mine" | "unowned" | "resolved";
export type GroupName = "needs" | "watching" | "resolved";
export interface Group {
    name: GroupName;
    items: IncidentView[];
}

const hour = 3_600_000;
const ranks = { cleared: 0, indeterminate: 1, warning: 2, minor: 3, major: 4, critical: 5 } as const;

export const isOpen = (item: IncidentView): boolean => item.status === "open" || item.status === "acknowledged";
export const isOver = (item: IncidentView): boolean => item.status === "resolved" || item.status === "auto_closed";
export const isOwned = (item: IncidentView): boolean => Boolean(item.assignee || item.acknowledged_by);
export const owner = (item: IncidentView): string | undefined => item.assignee ?? item.acknowledged_by;
export const endedAt = (item: IncidentView): number => Date.parse(item.snapshot.resolved_at ?? item.snapshot.updated_at);

export function groupOf(item: IncidentView): GroupName | null {
    if (isOpen(item)) return item.snapshot.needs_person ? "needs" : "watching";
    return isOver(item) ? "resolved" : null;
}

export interface Loss {
    kind: "ahead" | "down" | "none";
    /// Minutes to the next loss, median and band; only for `ahead`.
    p10: number;
    p50: number;
    p90: number;
    /// When it went down; only for `down`.
    since?: string;
}

/// What is lost next, or since when something is.
export function nextLoss(item: IncidentView, now: number): Loss {
    const forecast = isOpen(item) ? soonest(item.snapshot.autonomy, now) : undefined;
    if (forecast) return { kind: "ahead", ...remaining(forecast, now) };
    const down = item.snapshot.affected_sites.filter((site) => site.impact === "down");
    if (isOpen(item) && down.length > 0) {
        const since = down.map((site) => site.since ?? item.snapshot.onset_at).sort()[0] as string;
        return { kind: "down", p10: 0, p50: 0, p90: 0, since };
    }
    return { kind: "none", p10: 0, p50: 0, p90: 0 };
}

export interface Reach {
    down: number;
    atRisk: number;
}

export function reach(item: IncidentView): Reach {
    let down = 0;
    let atRisk = 0;
    const forecast = new Set(item.snapshot.autonomy.map((each) => each.site_id));
    for (const site of item.snapshot.affected_sites) {
        if (site.impact === "down") down += 1;
        else if (site.impact === "at_risk" || site.impact === "on_battery" || (site.impact === "root" && forecast.has(site.site_id))) atRisk += 1;
    }
    return { down, atRisk };
}

/// Minutes for sorting: what is down already is as urgent as it gets after what falls within the hour.
function urgency(item: IncidentView, now: number): number {
    const loss = nextLoss(item, now);
    if (loss.kind === "ahead") return loss.p50;
    return loss.kind === "down" ? 60 : 1e9;
}

export function compare(sort: Sort, now: number): (left: IncidentView, right: IncidentView) => number {
    const bySeverity = (l: IncidentView, r: IncidentView) => ranks[r.snapshot.severity] - ranks[l.snapshot.severity];
    const byReach = (l: IncidentView, r: IncidentView) => r.snapshot.affected_sites.length - l.snapshot.affected_sites.length;
    const byNext = (l: IncidentView, r: IncidentView) => urgency(l, now) - urgency(r, now);
    const byAge = (l: IncidentView, r: IncidentView) => Date.parse(l.snapshot.onset_at) - Date.parse(r.snapshot.onset_at);
    const orders = {
        next: [byNext, bySeverity, byReach, byAge],
        reach: [byReach, bySeverity, byNext, byAge],
        severity: [bySeverity, byNext, byReach, byAge],
        age: [byAge, bySeverity, byNext],
    }[sort];
    return (left, right) => {
        for (const order of orders) {
            const difference = order(left, right);
            if (difference !== 0) return difference;
        }
        return left.snapshot.incident_id < right.snapshot.incident_id ? -1 : 1;
    };
}

export interface TriageFilter {
    tab: Tab;
    sort: Sort;
    text: string;
    me: string;
}

export function matches(item: IncidentView, filter: TriageFilter): boolean {
    if (filter.tab === "mine" && owner(item) !== filter.me) return false;
    if (filter.tab === "unowned" && isOwned(item)) return false;
    const needle = filter.text.trim().toLowerCase();
    if (!needle) return true;
    const cause = item.snapshot.root_cause_candidates[0]?.label ?? "";
    return [item.number, item.snapshot.title, item.site_name, item.snapshot.site_id, cause].some((text) => text.toLowerCase().includes(needle));
}

/// The groups as they would stand now. `resolved` holds the last hour, or today's on its own tab.
export function groupIncidents(all: Iterable<IncidentView>, filter: TriageFilter, now: number): Group[] {
    const groups: Record<GroupName, IncidentView[]> = { needs: [], watching: [], resolved: [] };
    const window = filter.tab === "resolved" ? 24 * hour : hour;
    for (const item of all) {
        const group = groupOf(item);
        if (group === null || !matches(item, filter)) continue;
        if (group === "resolved" && (now - endedAt(item) > window || filter.tab === "unowned")) continue;
        if (filter.tab === "resolved" && group !== "resolved") continue;
        groups[group].push(item);
    }
    const order = compare(filter.sort, now);
    groups.needs.sort(order);
    groups.watching.sort(order);
    groups.resolved.sort((left, right) => endedAt(right) - endedAt(left));
    return (["needs", "watching", "resolved"] as const).map((name) => ({ name, items: groups[name] })).filter((group) => group.items.length > 0);
}

export interface Counts {
    open: number;
    mine: number;
    unowned: number;
    resolved: number;
    needs: number;
    watching: number;
}

export function countIncidents(all: Iterable<IncidentView>, me: string, now: number): Counts {
    const counts: Counts = { open: 0, mine: 0, unowned: 0, resolved: 0, needs: 0, watching: 0 };
    for (const item of all) {
        if (isOpen(item)) {
            counts.open += 1;
            if (item.snapshot.needs_person) counts.needs += 1;
            else counts.watching += 1;
            if (owner(item) === me) counts.mine += 1;
            if (!isOwned(item)) counts.unowned += 1;
        } else if (isOver(item) && now - endedAt(item) < 24 * hour) counts.resolved += 1;
    }
    return counts;
}

/// The list as it is held on the screen: ids by group, and each incident's alarms when it was last laid out.
export interface Held {
    groups: { name: GroupName; ids: string[] }[];
    alarms: ReadonlyMap<string, number>;
}

export interface Waiting {
    alarms: number;
    incidents: number;
    /// Nothing new, only another order.
    orderOnly: boolean;
}

export function hold(groups: readonly Group[]): Held {
    return {
        groups: groups.map((group) => ({ name: group.name, ids: group.items.map((item) => item.snapshot.incident_id) })),
        alarms: new Map(groups.flatMap((group) => group.items.map((item) => [item.snapshot.incident_id, item.snapshot.alarm_count] as const))),
    };
}

/// What waits behind the pill: `null` when the held list already is the fresh one.
export function waiting(held: Held, fresh: readonly Group[]): Waiting | null {
    const freshHeld = hold(fresh);
    const flat = (list: Held) => list.groups.map((group) => `${group.name}:${group.ids.join(",")}`).join(";");
    if (flat(held) === flat(freshHeld)) return null;
    let alarms = 0;
    let incidents = 0;
    let added = false;
    for (const [id, count] of freshHeld.alarms) {
        const before = held.alarms.get(id);
        if (before === undefined) added = true;
        if (before === count) continue;
        incidents += 1;
        alarms += Math.max(0, count - (before ?? 0));
    }
    return { alarms, incidents, orderOnly: !added };
}

/// The held order filled with newest values; what has vanished from the data is left out.
export function fillHeld(held: Held, byID: ReadonlyMap<string, IncidentView>): Group[] {
    return held.groups
        .map((group) => ({ name: group.name, items: group.ids.map((id) => byID.get(id)).filter((item): item is IncidentView => item !== undefined) }))
        .filter((group) => group.items.length > 0);
}
