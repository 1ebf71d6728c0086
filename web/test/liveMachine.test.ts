import assert from "node:assert/strict";
import { test } from "node:test";
import type { LiveChange } from "../src/api/types";
import { applyChanges } from "../src/logic/applyChanges";
import { backoff, LiveMachine, Pacer } from "../src/logic/liveMachine";
import { incident, site } from "./fixtures";

const change: LiveChange = { channel: "incidents", item: incident("INC-1") };

function connected(): LiveMachine {
    const machine = new LiveMachine(["sites"]);
    machine.start(0);
    machine.opened(0);
    machine.frame({ type: "snapshot", seq: 10 }, 0);
    return machine;
}

test("the first subscription asks for everything, a later one for what was missed", () => {
    const machine = new LiveMachine(["sites"]);
    assert.deepEqual(machine.start(0), [{ do: "open" }]);
    assert.deepEqual(machine.opened(0), [{ do: "send", message: { type: "subscribe", channels: ["sites"] } }]);
    machine.frame({ type: "snapshot", seq: 10 }, 0);
    machine.closed(5, 0.5, true);
    assert.deepEqual(machine.retry(), [{ do: "open" }]);
    assert.deepEqual(machine.opened(6), [{ do: "send", message: { type: "subscribe", channels: ["sites"], since: 10 } }]);
});

test("a delta is applied once, however often it comes", () => {
    const machine = connected();
    assert.deepEqual(machine.frame({ type: "delta", seq: 11, changes: [change] }, 1), [{ do: "apply", changes: [change] }]);
    assert.deepEqual(machine.frame({ type: "delta", seq: 11, changes: [change] }, 1), []);
    assert.deepEqual(machine.frame({ type: "delta", seq: 9, changes: [change] }, 1), []);
    assert.equal(machine.sequence, 11);
});

test("after a gap it says how much it caught up", () => {
    const machine = connected();
    machine.closed(1, 0.5, true);
    machine.retry();
    machine.opened(2);
    machine.frame({ type: "resumed", seq: 14 }, 2);
    machine.frame({ type: "delta", seq: 12, changes: [change, change] }, 3);
    machine.frame({ type: "delta", seq: 14, changes: [change] }, 3);
    assert.deepEqual(machine.frame({ type: "heartbeat", seq: 14, at: "2026-01-15T03:07:00Z" }, 4), [
        { do: "clock", at: Date.parse("2026-01-15T03:07:00Z") },
        { do: "caughtUp", changes: 3 },
    ]);
});

test("back-off doubles from 1 s to 30 s, spread by a quarter, and starts over after success", () => {
    assert.deepEqual([1, 2, 3, 4, 5, 6, 9].map((attempt) => backoff(attempt, 0.5)), [1000, 2000, 4000, 8000, 16_000, 30_000, 30_000]);
    assert.equal(backoff(1, 0), 750);
    assert.equal(backoff(1, 1), 1250);
    const machine = connected();
    assert.deepEqual(machine.closed(0, 0.5, true), [{ do: "wait", milliseconds: 1000 }]);
    assert.deepEqual(machine.closed(1000, 0.5, true), [{ do: "wait", milliseconds: 2000 }]);
    machine.opened(3000);
    machine.frame({ type: "resumed", seq: 10 }, 3000);
    assert.deepEqual(machine.closed(4000, 0.5, true), [{ do: "wait", milliseconds: 1000 }]);
});

test("without a network it waits for one and keeps since when", () => {
    const machine = connected();
    assert.deepEqual(machine.closed(5000, 0.5, false), []);
    assert.deepEqual(machine.state, { kind: "offline", since: 5000 });
    assert.deepEqual(machine.retry(), [{ do: "open" }]);
});

test("a silent socket is closed, an error starts over with a snapshot", () => {
    const machine = connected();
    assert.deepEqual(machine.watch(20_000), []);
    assert.deepEqual(machine.watch(25_001), [{ do: "close" }]);
    assert.deepEqual(machine.frame({ type: "error", code: "live.since_gone", detail: "" }, 1), [{ do: "close" }]);
    assert.equal(machine.sequence, 0);
});

test("more than 20 frames a second are gathered four times a second", () => {
    const pacer = new Pacer();
    for (let index = 0; index < 20; index += 1) pacer.note(index * 10);
    assert.equal(pacer.delay(200), 0);
    pacer.note(210);
    assert.equal(pacer.delay(215), 250);
    assert.equal(pacer.delay(2000), 0);
});

test("a batch copies only the maps it changes and drops cleared alarms", () => {
    const before = { sites: new Map([["S", site("S")]]), alarms: new Map(), incidents: new Map() };
    const part = applyChanges(before, [change]);
    assert.equal(part.sites, undefined);
    assert.equal(part.incidents?.size, 1);
    assert.equal(before.incidents.size, 0);
    const alarm = { alarm_id: "a", state: "raised" } as never;
    const raised = applyChanges(before, [{ channel: "alarms", item: { alarm, site_name: "" } }]);
    assert.equal(raised.alarms?.size, 1);
    const cleared = applyChanges({ ...before, alarms: raised.alarms ?? new Map() }, [{ channel: "alarms", item: { alarm: { alarm_id: "a", state: "cleared" } as never, site_name: "" } }]);
    assert.equal(cleared.alarms?.size, 0);
});
