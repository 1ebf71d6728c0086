// Small honest objects for the tests; only what a test names differs from the plain case.

import type { AutonomyForecast, IncidentSnapshot, IncidentView, SiteView, TimelineNode } from "../src/api/types";

export const now = Date.parse("2026-01-15T03:07:00Z");
export const iso = (minutes: number): string => new Date(now + minutes * 60_000).toISOString();

export function forecast(site: string, p50: number): AutonomyForecast {
    return { site_id: site, at: iso(0), minutes_p10: p50 * 0.6, minutes_p50: p50, minutes_p90: p50 * 1.4, ends_with: "lvd2", event_ids: [] };
}

export function incident(number: string, snapshot: Partial<IncidentSnapshot> = {}, view: Partial<IncidentView> = {}): IncidentView {
    return {
        number,
        status: "open",
        site_name: "Site",
        ...view,
        snapshot: {
            incident_id: `id-${number}`,
            tenant_id: "t",
            revision: 1,
            status: "open",
            severity: "major",
            opened_at: iso(-60),
            onset_at: iso(-60),
            updated_at: iso(-1),
            needs_person: true,
            title: `Title ${number}`,
            explanation: "",
            reason: "opened",
            site_id: "S",
            affected_sites: [],
            affected_operators: [],
            root_cause_candidates: [],
            timeline: [],
            edges: [],
            autonomy: [],
            actions: [],
            event_ids: [],
            alarm_ids: [],
            alarm_count: 1,
            ...snapshot,
        },
    };
}

export function site(id: string, view: Partial<SiteView> = {}): SiteView {
    return {
        site: { site_id: id, tenant_id: "t", name: id, operators: [], is_hub: false },
        state: "in_service",
        state_reason: "",
        severity: "cleared",
        active_alarms: 0,
        dependents: 0,
        ...view,
    };
}

export function node(id: string, minutes: number, more: Partial<TimelineNode> = {}): TimelineNode {
    return { node_id: id, lane: "grid", condition: "grid.lost", label: id, site_id: "S", managed_object: "grid", knowledge: "reported", at: iso(minutes), is_root: false, is_trigger: false, count: 1, event_ids: [], ...more };
}
