// Verdicts on a root cause, and what may be split off: which choices there are, and what is sent.

import type { IncidentCommand } from "../api/client";
import type { AlarmView, CauseChoice, IncidentView, NamedCause, RootCauseCandidate } from "../api/types";

export type Answer = "yes" | "other" | "no" | "unknown";

export interface VerdictDraft {
    answer: Answer;
    /// Key of the chosen cause; "words" for one in words.
    choice: string;
    site: string;
    words: string;
}

export const unknown = "unknown";
export const inWords = "words";
export const noDraft: VerdictDraft = { answer: "unknown", choice: "", site: "", words: "" };

const named = ({ site_id, managed_object, condition, label }: RootCauseCandidate): NamedCause => ({ site_id, managed_object, condition, label });

/// What the engine holds it for, if it holds it for anything.
export function suspect(item: IncidentView): NamedCause | undefined {
    const first = item.snapshot.root_cause_candidates.find((candidate) => candidate.condition !== unknown);
    return first && named(first);
}

/// A cause in words; its place only where the label does not say it already, as the engine's labels do.
export function causeText(cause: NamedCause, name: (site: string) => string): string {
    const label = cause.label || cause.condition;
    if (label.includes(": ")) return label;
    const place = cause.site_id ? name(cause.site_id) : cause.managed_object;
    return place && !label.includes(place) ? `${label}, ${place}` : label;
}

export interface Choices {
    /// The incident's other hypotheses, with their places.
    hypotheses: { key: string; cause: NamedCause }[];
    /// Every other cause that the stories know; the place is asked for.
    known: { key: string; cause: CauseChoice }[];
}

export function choices(item: IncidentView, causes: readonly CauseChoice[]): Choices {
    const first = suspect(item);
    const rest = item.snapshot.root_cause_candidates.filter((candidate) => candidate.condition !== unknown).map(named).slice(first ? 1 : 0);
    const met = new Set<string>();
    const known = causes.filter((cause) => !met.has(cause.condition) && met.add(cause.condition));
    return {
        hypotheses: rest.map((cause, index) => ({ key: `h${index}`, cause })),
        known: known.map((cause) => ({ key: cause.condition, cause })),
    };
}

/// Sites at which a cause may lie: the incident's own first.
export function sites(item: IncidentView): string[] {
    const all = [item.snapshot.site_id, ...item.snapshot.affected_sites.map((site) => site.site_id), ...item.snapshot.root_cause_candidates.map((candidate) => candidate.site_id)];
    return [...new Set(all.filter((site) => site !== "" && site !== "-"))];
}

/// Whether the place of the chosen cause is one of the incident's sites.
export function asksSite(draft: VerdictDraft, of: Choices): boolean {
    if (draft.answer !== "other") return false;
    if (draft.choice === inWords) return true;
    return of.known.find((each) => each.key === draft.choice)?.cause.place === "site";
}

/// The command for a draft; `null` when nothing is known, or not enough was said yet.
export function verdictCommand(draft: VerdictDraft, item: IncidentView, of: Choices, reason = ""): IncidentCommand | null {
    const candidate = suspect(item);
    const about = candidate ? { candidate } : {};
    const why = reason ? { reason } : {};
    switch (draft.answer) {
        case "yes":
            return candidate ? { verb: "verdict", verdict: "confirmed", ...about, ...why } : null;
        case "no":
            return candidate ? { verb: "verdict", verdict: "rejected", ...about, ...why } : null;
        case "other": {
            const cause = chosen(draft, of);
            return cause ? { verb: "verdict", verdict: "corrected", ...about, cause, ...why } : null;
        }
        default:
            return null;
    }
}

function chosen(draft: VerdictDraft, of: Choices): NamedCause | null {
    const hypothesis = of.hypotheses.find((each) => each.key === draft.choice);
    if (hypothesis) return hypothesis.cause;
    const words = draft.words.trim();
    if (draft.choice === inWords) return words ? { site_id: draft.site, managed_object: "", condition: "", label: words } : null;
    const known = of.known.find((each) => each.key === draft.choice)?.cause;
    if (!known) return null;
    return { site_id: known.place === "site" ? draft.site : "", managed_object: "", condition: known.condition, label: known.label };
}

export interface SplitRow {
    site: string;
    name: string;
    alarms: AlarmView["alarm"][];
}

/// The incident's sites with their alarms, those that it only foresees included.
export function splitRows(item: IncidentView, alarms: readonly AlarmView[]): SplitRow[] {
    const rows = new Map<string, SplitRow>();
    for (const site of item.snapshot.affected_sites) rows.set(site.site_id, { site: site.site_id, name: "", alarms: [] });
    for (const view of alarms) {
        const row = rows.get(view.alarm.site_id) ?? { site: view.alarm.site_id, name: "", alarms: [] };
        row.name = view.site_name;
        row.alarms.push(view.alarm);
        rows.set(row.site, row);
    }
    return [...rows.values()].sort((one, two) => (one.site < two.site ? -1 : 1));
}

/// What leaves: whole sites by name, single alarms of the others; `null` when nothing would, or nothing would stay.
export function splitCommand(rows: readonly SplitRow[], picked: ReadonlySet<string>, reason: string): IncidentCommand | null {
    const whole = rows.filter((row) => picked.has(row.site));
    const rest = rows.filter((row) => !picked.has(row.site));
    const alarms = rest.flatMap((row) => row.alarms.filter((alarm) => picked.has(alarm.alarm_id)).map((alarm) => alarm.alarm_id));
    if (whole.length + alarms.length === 0) return null;
    const stays = rest.some((row) => row.alarms.length === 0 || row.alarms.some((alarm) => !picked.has(alarm.alarm_id)));
    if (!stays) return null;
    return { verb: "split", site_ids: whole.map((row) => row.site), alarm_ids: alarms, ...(reason ? { reason } : {}) };
}
