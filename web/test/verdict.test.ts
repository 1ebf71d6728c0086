import assert from "node:assert/strict";
import { test } from "node:test";
import type { AlarmView, CauseChoice, RootCauseCandidate } from "../src/api/types";
import { asksSite, causeText, choices, noDraft, sites, splitCommand, splitRows, suspect, verdictCommand, type VerdictDraft } from "../src/logic/verdict";
import { incident, iso } from "./fixtures";

const candidate = (condition: string, site: string, probability: number): RootCauseCandidate => ({ site_id: site, managed_object: "o", condition, event_type: condition, label: `L ${condition}`, probability, evidence_for: [], evidence_against: [], missing: [] });
const named = (condition: string, site: string) => ({ site_id: site, managed_object: "o", condition, label: `L ${condition}` });
const known: CauseChoice[] = [
    { condition: "grid.lost", label: "Grid lost", place: "site" },
    { condition: "grid.lost", label: "Grid lost, again", place: "site" },
    { condition: "fibre.cut", label: "Fibre cut", place: "link" },
];
const item = incident("INC-1", {
    affected_sites: [{ site_id: "S", impact: "down", operators: [] }, { site_id: "T", impact: "down", operators: [] }],
    root_cause_candidates: [candidate("dg.start_failed", "S", 0.7), candidate("fuel.exhausted", "T", 0.2), candidate("unknown", "", 0.1)],
});
const of = choices(item, known);
const draft = (more: Partial<VerdictDraft>): VerdictDraft => ({ ...noDraft, ...more });

test("the choices are the other hypotheses, then every cause that the stories know, once", () => {
    assert.deepEqual(suspect(item), named("dg.start_failed", "S"));
    assert.deepEqual(of.hypotheses.map((each) => each.cause), [named("fuel.exhausted", "T")]);
    assert.deepEqual(of.known.map((each) => each.cause.label), ["Grid lost", "Fibre cut"]);
    assert.deepEqual(sites(item), ["S", "T"]);
    const open = incident("INC-2", { root_cause_candidates: [candidate("unknown", "", 1)] });
    assert.equal(suspect(open), undefined);
    assert.equal(verdictCommand(draft({ answer: "yes" }), open, choices(open, known)), null);
});

test("an answer becomes a command about the candidate that was seen", () => {
    const seen = named("dg.start_failed", "S");
    assert.deepEqual(verdictCommand(draft({ answer: "yes" }), item, of), { verb: "verdict", verdict: "confirmed", candidate: seen });
    assert.deepEqual(verdictCommand(draft({ answer: "no" }), item, of, "it ran"), { verb: "verdict", verdict: "rejected", candidate: seen, reason: "it ran" });
    const corrected = (more: Partial<VerdictDraft>) => verdictCommand(draft({ answer: "other", ...more }), item, of);
    assert.deepEqual(corrected({ choice: "h0" }), { verb: "verdict", verdict: "corrected", candidate: seen, cause: named("fuel.exhausted", "T") });
    assert.deepEqual(corrected({ choice: "grid.lost", site: "T" }), { verb: "verdict", verdict: "corrected", candidate: seen, cause: { site_id: "T", managed_object: "", condition: "grid.lost", label: "Grid lost" } });
    assert.deepEqual(corrected({ choice: "fibre.cut", site: "T" }), { verb: "verdict", verdict: "corrected", candidate: seen, cause: { site_id: "", managed_object: "", condition: "fibre.cut", label: "Fibre cut" } });
    assert.deepEqual(corrected({ choice: "words", site: "S", words: " a cow " }), { verb: "verdict", verdict: "corrected", candidate: seen, cause: { site_id: "S", managed_object: "", condition: "", label: "a cow" } });
    for (const nothing of [draft({}), draft({ answer: "other" }), draft({ answer: "other", choice: "words", words: "  " })]) assert.equal(verdictCommand(nothing, item, of), null);
});

test("a cause is said with its place once", () => {
    const text = (label: string, site: string, object = "") => causeText({ site_id: site, managed_object: object, condition: "c", label }, (id) => `Site ${id}`);
    assert.deepEqual([text("Grid lost: Site S", "S"), text("Grid lost", "S"), text("Fibre cut", "", "link:A/B"), text("A cow", ""), text("", "S")], ["Grid lost: Site S", "Grid lost, Site S", "Fibre cut, link:A/B", "A cow", "c, Site S"]);
});

test("the site is asked for where the cause lies at one", () => {
    const asks = (choice: string) => asksSite(draft({ answer: "other", choice }), of);
    assert.deepEqual(["h0", "grid.lost", "fibre.cut", "words"].map(asks), [false, true, false, true]);
});

test("sites leave whole, alarms alone, and something stays", () => {
    const alarm = (id: string, site: string): AlarmView => ({
        site_name: `Name ${site}`,
        alarm: { alarm_id: id, tenant_id: "t", site_id: site, managed_object: "o", alarm_type: "x", perceived_severity: "major", state: "raised", raised_at: iso(0), changed_at: iso(0), occurrences: 1, is_flapping: false, source: "reported", text: "", event_ids: [] },
    });
    const rows = splitRows(item, [alarm("a", "S"), alarm("b", "T"), alarm("c", "S")]);
    assert.deepEqual(rows.map((row) => [row.site, row.alarms.length]), [["S", 2], ["T", 1]]);
    const split = (...picked: string[]) => splitCommand(rows, new Set(picked), "");
    assert.deepEqual(split("T"), { verb: "split", site_ids: ["T"], alarm_ids: [] });
    assert.deepEqual(split("T", "b", "a"), { verb: "split", site_ids: ["T"], alarm_ids: ["a"] });
    assert.deepEqual(splitCommand(rows, new Set(["a"]), "far"), { verb: "split", site_ids: [], alarm_ids: ["a"], reason: "far" });
    for (const nothing of [split(), split("S", "T"), split("S", "b"), split("a", "b", "c")]) assert.equal(nothing, null);
    // A site that is only foreseen has no alarms and may stay or go.
    const foreseen = splitRows(item, [alarm("a", "S")]);
    assert.deepEqual(splitCommand(foreseen, new Set(["T"]), ""), { verb: "split", site_ids: ["T"], alarm_ids: [] });
    assert.deepEqual(splitCommand(foreseen, new Set(["S"]), ""), { verb: "split", site_ids: ["S"], alarm_ids: [] });
});
