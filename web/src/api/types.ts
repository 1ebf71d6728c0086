// Shapes of the API, as Sources/TowerStores/Views.swift and Sources/TowerModel write them. Names are the names on the
// wire. A Swift optional is absent when it is nil, hence the question marks.

export type Instant = string; // RFC 3339, UTC
export type Severity = "cleared" | "indeterminate" | "warning" | "minor" | "major" | "critical";
export type SiteState = "in_service" | "watch" | "on_battery" | "degraded" | "down" | "blind";
export type Role = "admin" | "operator" | "viewer" | "ingest" | string;

export interface Page<Item> {
    items: Item[];
    next_cursor?: string;
    total?: number;
}

export interface Principal {
    tenant_id: string;
    name: string;
    role: Role;
}

export interface SessionAnswer {
    token: string;
    expires_at: Instant;
    principal: Principal;
}

export interface Problem {
    type?: string;
    title: string;
    status: number;
    detail?: string;
    code: string;
    instance?: string;
}

export interface Battery {
    strings: number;
    ah: number;
    chemistry: string;
    installed?: string;
}

export interface Generator {
    kva: number;
    tank_l: number;
}

export interface Site {
    site_id: string;
    tenant_id: string;
    name: string;
    lat?: number;
    lon?: number;
    region?: string;
    timezone?: string;
    operators: string[];
    grid_class?: string;
    feeder_id?: string;
    is_hub: boolean;
    load_kw?: number;
    battery?: Battery;
    dg?: Generator;
    solar_kwp?: number;
}

export type LinkKind = "hop" | "fibre" | "ring" | "feeder" | "adjacent";

export interface TopologyLink {
    tenant_id: string;
    a: string;
    b: string;
    kind: LinkKind;
    parent?: string;
    frequency_ghz?: number;
    length_km?: number;
    provenance?: string;
    valid_from?: Instant;
}

export interface LatestValue {
    metric: string;
    value: number;
    at: Instant;
}

export interface AutonomyForecast {
    site_id: string;
    at: Instant;
    minutes_p10: number;
    minutes_p50: number;
    minutes_p90: number;
    ends_with: string;
    bus_volts?: number;
    battery_amps?: number;
    state_of_charge?: number;
    event_ids: string[];
    lvd2_minutes_p10?: number;
    lvd2_minutes_p50?: number;
    lvd2_minutes_p90?: number;
}

export type ForecastKind = "fuel_empty" | "generator_start_failure" | "cooling_limit" | "battery_health" | "battery_life";

export interface SiteForecast {
    site_id: string;
    at: Instant;
    kind: ForecastKind;
    p10: number;
    p50: number;
    p90: number;
    unit: string;
    basis: string;
    event_ids: string[];
}

export interface SiteView {
    site: Site;
    state: SiteState;
    state_reason: string;
    state_since?: Instant;
    severity: Severity;
    active_alarms: number;
    incident_id?: string;
    incident_number?: string;
    autonomy?: AutonomyForecast;
    last_event_at?: Instant;
    dependents: number;
    latest?: LatestValue[];
}

export interface Alarm {
    alarm_id: string;
    tenant_id: string;
    site_id: string;
    managed_object: string;
    alarm_type: string;
    probable_cause?: number;
    perceived_severity: Severity;
    state: "raised" | "changed" | "cleared";
    raised_at: Instant;
    changed_at: Instant;
    cleared_at?: Instant;
    occurrences: number;
    is_flapping: boolean;
    source: "reported" | "detected";
    text: string;
    incident_id?: string;
    event_ids: string[];
}

export interface AlarmView {
    alarm: Alarm;
    site_name: string;
    incident_number?: string;
}

export interface AffectedSite {
    site_id: string;
    impact: "root" | "down" | "degraded" | "on_battery" | "at_risk" | "blind";
    since?: Instant;
    expected_at?: Instant;
    operators: string[];
}

export interface Evidence {
    text: string;
    at?: Instant;
    likelihood_ratio: number;
    event_ids: string[];
}

export interface RootCauseCandidate {
    site_id: string;
    managed_object: string;
    condition: string;
    event_type: string;
    label: string;
    probability: number;
    evidence_for: Evidence[];
    evidence_against: Evidence[];
    missing: Evidence[];
}

export type Knowledge = "reported" | "inferred" | "predicted";
export type Lane = "grid" | "generator" | "battery" | "radio" | "backhaul" | "environment" | "site";

export interface TimelineNode {
    node_id: string;
    lane: Lane;
    condition: string;
    label: string;
    site_id: string;
    managed_object: string;
    knowledge: Knowledge;
    at: Instant;
    earliest?: Instant;
    latest?: Instant;
    is_root: boolean;
    is_trigger: boolean;
    count: number;
    event_ids: string[];
}

export interface CausalEdge {
    from: string;
    to: string;
    lag_seconds: number;
}

export interface ProposedAction {
    text: string;
    detail: string;
    kind: "remote" | "visit" | "notify" | "check";
}

export interface IncidentSnapshot {
    incident_id: string;
    tenant_id: string;
    revision: number;
    status: "open" | "resolved" | "auto_closed" | "merged";
    merged_into?: string;
    severity: Severity;
    opened_at: Instant;
    onset_at: Instant;
    updated_at: Instant;
    resolved_at?: Instant;
    needs_person: boolean;
    pages_at?: Instant;
    title: string;
    explanation: string;
    reason: string;
    site_id: string;
    affected_sites: AffectedSite[];
    affected_operators: string[];
    root_cause_candidates: RootCauseCandidate[];
    timeline: TimelineNode[];
    edges: CausalEdge[];
    autonomy: AutonomyForecast[];
    actions: ProposedAction[];
    event_ids: string[];
    alarm_ids: string[];
    alarm_count: number;
}

export type IncidentStatus = "open" | "acknowledged" | "resolved" | "auto_closed" | "merged";

export interface HistoryEntry {
    event_id: string;
    event_type: string;
    at: Instant;
    actor: string;
    text: string;
}

/// A root cause by name; without a condition it is only words.
export interface NamedCause {
    site_id: string;
    managed_object: string;
    condition: string;
    label: string;
}

/// What a person knows of the root cause.
export interface CauseVerdict {
    verdict: "confirmed" | "rejected" | "corrected";
    candidate?: NamedCause;
    cause?: NamedCause;
    reason: string;
    actor: string;
    at: Instant;
}

/// A root cause that the causal stories know.
export interface CauseChoice {
    condition: string;
    label: string;
    place: "site" | "link" | "feeder";
}

/// What a person split off an incident.
export interface IncidentCut {
    into: string;
    alarm_ids: string[];
    site_ids: string[];
    event_ids: string[];
}

export interface IncidentView {
    number: string;
    snapshot: IncidentSnapshot;
    status: IncidentStatus;
    acknowledged_by?: string;
    acknowledged_at?: Instant;
    assignee?: string;
    site_name: string;
    merged_into?: string;
    merged_by?: string;
    verdict?: CauseVerdict;
    cuts?: IncidentCut[];
    split_from?: string;
    history?: HistoryEntry[];
}

export interface TopologyView {
    sites: SiteView[];
    links: TopologyLink[];
    at?: Instant;
}

/** A link that outages speak for and nobody declared. */
export interface ProposedLink {
    id: string;
    kind: "feeder" | "upstream";
    site_id: string;
    other: string;
    together: number;
    of_other: number;
    of_site: number;
    log10_chance: number;
    confidence: number;
    /** The first of the episodes; lists of older versions do not have it. */
    since?: Instant;
    episodes: Instant[];
}

/** What a person said of a proposed link. */
export interface JudgedLink {
    id: string;
    kind: "feeder" | "upstream";
    site_id: string;
    other: string;
    verdict: "confirm" | "reject";
    actor: string;
    at: Instant;
    reason: string;
}

export interface ProposedLinks {
    version: number;
    at?: Instant;
    reason: string;
    proposals: ProposedLink[];
    judged?: JudgedLink[];
    rejections?: number;
}

export interface InventoryProblem {
    file: string;
    line: number;
    column: string;
    reason: string;
}

export interface InventoryReport {
    file: string;
    kind: "sites" | "links";
    rows: number;
    changed: number;
    changes: string[];
    unchanged: number;
    removed: number;
    removals: string[];
    dry_run: boolean;
    accepted: number;
    duplicates: number;
    problems: InventoryProblem[];
    more_problems: number;
}

export interface NextToFall {
    site_name: string;
    autonomy: AutonomyForecast;
    takes: number;
}

export interface RegionRow {
    region: string;
    sites: number;
    down: number;
    on_battery: number;
    availability?: number;
}

export interface FleetView {
    total_sites: number;
    states: Partial<Record<SiteState, number>>;
    open_incidents: number;
    needs_person: number;
    oldest_unowned_at?: Instant;
    shortest_autonomy?: AutonomyForecast;
    next_to_fall: NextToFall[];
    regions: RegionRow[];
    alarms_per_bin: number[];
    bins_start_at?: Instant;
    storm_since?: Instant;
    active_alarms: number;
    power_availability?: number;
}

export interface SeriesView {
    site_id: string;
    metric: string;
    points: [number, number][];
}

export interface TopicView {
    topic: string;
    partitions: number;
    retention: string;
    start_offset: number;
    end_offset: number;
    bytes: number;
    oldest_at?: Instant;
    newest_at?: Instant;
}

export interface GroupView {
    group: string;
    members: number;
    offset_lag: number;
    time_lag_ms: number;
    state: string;
}

export type LetterState = "waiting" | "accepted" | "returned" | "discarded" | "expired";

export interface DeadLetterView {
    id: number;
    reason_code: string;
    detail: string;
    origin: string;
    origin_offset?: number;
    topic?: string;
    site_id?: string;
    group?: string;
    attempts: number;
    at: Instant;
    state: LetterState;
    outcome?: LetterOutcome;
    line?: number;
    column?: number;
    field?: string;
    bytes: number;
    is_cut: boolean;
    is_text: boolean;
    text: string;
    raw_base64: string;
}

export interface LetterOutcome {
    result: string;
    by: string;
    at: Instant;
    code?: string;
    why?: string;
    edited: boolean;
}

export interface DeadLetterSummary {
    total: number;
    older: number;
    by_reason: LetterReason[];
    by_state: LetterStateCount[];
    by_origin: LetterOrigin[];
}

export interface LetterReason {
    reason_code: string;
    count: number;
    waiting: number;
    oldest_at: Instant;
    newest_at: Instant;
}

export interface LetterStateCount {
    state: string;
    count: number;
}

export interface LetterOrigin {
    origin: string;
    count: number;
}

export interface DeadLetterReport {
    matched: number;
    results: LetterResult[];
    next_cursor?: string;
}

export interface LetterResult {
    id: number;
    result: string;
    code?: string;
    detail?: string;
}

export interface Quantiles {
    p50: number;
    p99: number;
    count: number;
}

export interface PlatformView {
    accepted_per_second: number;
    accepted_total: number;
    duplicates_total: number;
    rejected_total: number;
    append_sync_ms: Quantiles;
    event_to_decision_ms: Quantiles;
    decision_histogram: [number, number][];
    /** Absent while the log does not answer. */
    dead_letters_24h?: number;
    sites_silent: number;
    live_clients: number;
    started_at: Instant;
    version: string;
}

export interface StoredEvent {
    event: { event_id: string; event_type: string; site_id: string; timestamp: Instant; payload: Record<string, unknown> };
    topic: string;
    offset: number;
    sequence: number;
    ingested_at: Instant;
}

export type LiveChange =
    | { channel: "sites"; item: SiteView }
    | { channel: "alarms"; item: AlarmView }
    | { channel: "incidents"; item: IncidentView };

export type LiveFrame =
    | { type: "snapshot"; seq: number; sites?: SiteView[]; alarms?: AlarmView[]; incidents?: IncidentView[] }
    | { type: "delta"; seq: number; changes: LiveChange[] }
    | { type: "resumed"; seq: number }
    | { type: "heartbeat"; seq: number; at: Instant }
    | { type: "error"; code: string; detail: string };

export interface KPIView {
    kpi: string;
    site_id?: string;
    value?: number;
    unit: string;
    window_start: Instant;
    window_end: Instant;
}

export type RouteKind = "incident.opened" | "incident.updated" | "incident.escalated" | "incident.resolved" | "alarm.critical";

/// Where a message goes. `secret` only goes in: left out it stays as it is, empty it is taken away.
export interface NotificationTarget {
    channel: "webhook" | "mail";
    url?: string;
    secret?: string;
    to?: string[];
    has_secret?: boolean;
}

/// Who is told what. Without an id while it is new.
export interface NotificationRoute {
    route_id?: string;
    name: string;
    enabled: boolean;
    match: { minimum_severity: Severity; kinds: RouteKind[]; regions: string[]; site_prefix: string; operators: string[]; include_watching: boolean };
    target: NotificationTarget;
    throttle_minutes: number;
    quiet_hours?: { from: string; to: string; timezone: string };
    escalation: { after_minutes: number; target: NotificationTarget }[];
}

/// What became of a message; `to` holds mail addresses or the webhook's host.
export interface NotificationOutcome {
    delivery_id: string;
    route_id: string;
    route: string;
    channel: "webhook" | "mail";
    to: string[];
    kind: string;
    step: number;
    subject: string;
    sent: boolean;
    attempts: number;
    reason?: string;
    detail: string;
    at: Instant;
}
