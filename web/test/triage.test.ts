import assert from "node:assert/strict";
import { test } from "node:test";
import { axisTicks, remaining, soonest } from "../src/logic/autonomy";
import { compare, countIncidents, fillHeld, groupIncidents, hold, nextLoss, reach, waiting, type TriageFilter } from "../src/logic/triage";
import { forecast, incident, iso, now } from "./fixtures";

const filter: TriageFilter = { tab: "open", sort: "next", text: "", me: "awa" };
const numbers = (groups: { items: { number: string }[] }[]) => groups.map((group) => group.items.map((item) => item.number));

test("groups are needs a person, watching, resolved in the last hour; merged ones are gone", () => {
    const all = [
        incident("A", { needs_person: false }),
        incident("B"),
        incident("C", { resolved_at: iso(-20) }, { status: "resolved" }),
        incident("D", { resolved_at: iso(-90) }, { status: "resolved" }),
        incident("E", {}, { status: "merged" }),
        incident("F", {}, { status: "acknowledged", acknowledged_by: "awa" }),
    ];
    const groups = groupIncidents(all, filter, now);
    assert.deepEqual(groups.map((group) => group.name), ["needs", "watching", "resolved"]);
    assert.deepEqual(numbers(groups), [["B", "F"], ["A"], ["C"]]);
    assert.deepEqual(numbers(groupIncidents(all, { ...filter, tab: "resolved" }, now)), [["C", "D"]]);
    assert.deepEqual(numbers(groupIncidents(all, { ...filter, tab: "mine" }, now)), [["F"]]);
    assert.deepEqual(countIncidents(all, "awa", now), { open: 3, mine: 1, unowned: 2, resolved: 2, needs: 2, watching: 1 });
});

test("next loss comes first, and a forecast is counted down", () => {
    const soon = incident("SOON", { autonomy: [forecast("S", 38)] });
    const later = incident("LATER", { autonomy: [forecast("S", 190)] });
    const down = incident("DOWN", { affected_sites: [{ site_id: "X", impact: "down", since: iso(-72), operators: [] }] });
    const order = [later, down, soon].sort(compare("next", now)).map((item) => item.number);
    assert.deepEqual(order, ["SOON", "DOWN", "LATER"]);
    assert.equal(Math.round(nextLoss(soon, now + 8 * 60_000).p50), 30);
    assert.equal(nextLoss(down, now).since, iso(-72));
    assert.equal(nextLoss(incident("N"), now).kind, "none");
});

test("order does not depend on where an incident stood before", () => {
    const all = ["C", "A", "B"].map((number) => incident(number));
    for (const sort of ["next", "reach", "severity", "age"] as const) {
        const once = [...all].sort(compare(sort, now)).map((item) => item.number);
        assert.deepEqual([...all].reverse().sort(compare(sort, now)).map((item) => item.number), once);
    }
});

test("reach counts what is down and what is at risk, the root only with a forecast", () => {
    const sites = [{ site_id: "R", impact: "root" as const, operators: [] }, { site_id: "D", impact: "down" as const, operators: [] }, { site_id: "K", impact: "at_risk" as const, operators: [] }];
    assert.deepEqual(reach(incident("I", { affected_sites: sites })), { down: 1, atRisk: 1 });
    assert.deepEqual(reach(incident("I", { affected_sites: sites, autonomy: [forecast("R", 30)] })), { down: 1, atRisk: 2 });
});

test("a held list does not move; what is new waits and is counted", () => {
    const a = incident("A", { autonomy: [forecast("S", 30)], alarm_count: 10 });
    const b = incident("B", { autonomy: [forecast("S", 60)], alarm_count: 4 });
    const held = hold(groupIncidents([a, b], filter, now));
    assert.equal(waiting(held, groupIncidents([b, a], filter, now)), null);
    const louder = incident("B", { autonomy: [forecast("S", 60)], alarm_count: 9 });
    const fresh = incident("C", { autonomy: [forecast("S", 10)], alarm_count: 7 });
    const next = groupIncidents([a, louder, fresh], filter, now);
    assert.deepEqual(waiting(held, next), { alarms: 12, incidents: 2, orderOnly: false });
    const byID = new Map([a, louder, fresh].map((item) => [item.snapshot.incident_id, item]));
    assert.deepEqual(numbers(fillHeld(held, byID)), [["A", "B"]]);
});

test("what resolves stays in its place until the list is laid out again", () => {
    const a = incident("A");
    const held = hold(groupIncidents([a], filter, now));
    const over = incident("A", { resolved_at: iso(0) }, { status: "resolved" });
    const shown = fillHeld(held, new Map([[over.snapshot.incident_id, over]]));
    assert.deepEqual(shown.map((group) => [group.name, group.items.length]), [["needs", 1]]);
    assert.deepEqual(waiting(held, groupIncidents([over], filter, now)), { alarms: 0, incidents: 0, orderOnly: true });
});

test("a shorter median wins, an expired forecast does not count", () => {
    assert.equal(soonest([forecast("A", 60), forecast("B", 20)], now)?.site_id, "B");
    assert.equal(soonest([forecast("B", 20), forecast("A", 60)], now + 45 * 60_000)?.site_id, "A");
    assert.equal(soonest([forecast("A", 10)], now + 16 * 60_000), undefined);
    assert.equal(remaining(forecast("A", 10), now + 60 * 60_000).p50, 0);
    assert.deepEqual(axisTicks(now, now + 90 * 60_000).map((at) => (at - now) / 60_000), [0, 30, 60, 90]);
});
