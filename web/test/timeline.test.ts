import assert from "node:assert/strict";
import { test } from "node:test";
import { overlaps } from "../src/logic/mapView";
import { layoutTimeline, textWidth, type Layout } from "../src/logic/timelineLayout";
import { ticks, timeScale } from "../src/logic/timeScale";
import { iso, node, now } from "./fixtures";

const labelOf = (each: { label: string; at: string }) => ({ title: each.label, detail: each.at.slice(11, 19) });
const story = [
    node("Grid lost on feeder TMD-F03", -365, { is_trigger: true }),
    node("Generator did not start", -363, { lane: "generator", is_root: true }),
    node("Battery carries 61 A", -364.9, { lane: "battery" }),
    node("Battery low", -93, { lane: "battery" }),
    node("LVD 1 opens", -38, { lane: "battery" }),
    node("Hop to Kokumbo loses its feed", -37.9, { lane: "backhaul", knowledge: "inferred" }),
    node("Kokumbo and Angoda down", -37.5, { lane: "site" }),
    node("LVD 2 opens", 38, { lane: "battery", knowledge: "predicted" }),
    node("Four sites cut off", 39, { lane: "site", knowledge: "predicted" }),
];
const edges = [{ from: "Grid lost on feeder TMD-F03", to: "Generator did not start", lag_seconds: 117 }, { from: "Generator did not start", to: "Battery low", lag_seconds: 16_212 }, { from: "LVD 1 opens", to: "LVD 2 opens", lag_seconds: 4529 }, { from: "nowhere", to: "LVD 1 opens", lag_seconds: 1 }];
const voltage = Array.from({ length: 100 }, (_, index) => [now - (366 - index * 3.69) * 60_000, 54 - index * 0.1] as const);
const lay = (extra: Partial<Parameters<typeof layoutTimeline>[0]> = {}): Layout => layoutTimeline({ nodes: story, edges, now, width: 1000, gutter: 158, labelOf, ...extra });

const labelBoxes = (layout: Layout) =>
    layout.nodes.flatMap((laid) => {
        if (!laid.label) return [];
        const text = labelOf(laid.node);
        const width = Math.min(230, textWidth(text.title, text.detail));
        return [{ x: laid.label.anchor === "start" ? laid.label.x : laid.label.x - width, y: laid.label.y - 11, width, height: laid.label.leading + 13 }];
    });

test("time runs left to right and now is inside", () => {
    const layout = lay();
    const byTime = [...layout.nodes].sort((one, two) => Date.parse(one.node.at) - Date.parse(two.node.at));
    for (let index = 1; index < byTime.length; index += 1) assert.ok((byTime[index]?.x ?? 0) >= (byTime[index - 1]?.x ?? 0));
    const x = layout.scale.x(now);
    assert.ok(x > layout.scale.left && x < layout.scale.right);
});

test("labels never cover each other and stay inside the plot", () => {
    for (const width of [640, 820, 1000, 1400])
        for (const extra of [{}, { voltage }]) {
            const boxes = labelBoxes(lay({ width, ...extra }));
            boxes.forEach((box, index) => {
                assert.ok(box.x >= 150 && box.x + box.width <= width, `${width}: ${JSON.stringify(box)}`);
                for (const other of boxes.slice(index + 1)) assert.ok(!overlaps(box, other), `${width}: ${JSON.stringify([box, other])}`);
            });
        }
});

test("lanes come in causal order, only those that hold something", () => {
    assert.deepEqual(lay().lanes.map((lane) => lane.lane), ["grid", "generator", "battery", "backhaul", "site"]);
});

test("the voltage is drawn in the battery lane and its nodes stand on it", () => {
    const layout = lay({ voltage });
    assert.ok(layout.curve && layout.curve.reported.startsWith("M") && layout.curve.predicted.startsWith("M"));
    const lane = layout.lanes.find((each) => each.lane === "battery");
    for (const laid of layout.nodes.filter((each) => each.node.lane === "battery")) assert.ok(lane && laid.y > lane.y && laid.y < lane.y + lane.height);
});

test("an edge to a node that is not drawn is left out, the others keep their lag", () => {
    const layout = lay();
    assert.deepEqual(layout.edges.map((edge) => edge.key).length, 3);
    assert.equal(layout.edges[1]?.lag?.seconds, 16_212);
    assert.equal(layout.edges[2]?.knowledge, "predicted");
});

test("a cause days old stands left of a break", () => {
    const old = timeScale({ times: [now - 23 * 86_400_000, now - 3_600_000, now], now, left: 100, right: 900, reserve: 60 });
    assert.ok(old.old && old.x(now - 23 * 86_400_000) < old.old.right && old.x(now - 3_600_000) > old.left);
    assert.equal(timeScale({ times: [now - 3_600_000, now], now, left: 100, right: 900, reserve: 60 }).old, undefined);
});

test("ticks are round and far enough apart", () => {
    const scale = timeScale({ times: [Date.parse(iso(-365)), Date.parse(iso(38))], now, left: 158, right: 990, reserve: 120 });
    const hours = ticks(scale);
    assert.ok(hours.length > 4);
    for (const tick of hours) assert.deepEqual([tick.at % 3_600_000, tick.seconds], [0, false]);
    const zoomed = timeScale({ times: [], now, left: 158, right: 990, reserve: 0, zoom: [now, now + 30_000] });
    assert.deepEqual(ticks(zoomed).map((tick) => [tick.at - now, tick.seconds]), [0, 5, 10, 15, 20, 25, 30].map((seconds) => [seconds * 1000, true]));
});

test("two minutes of history beside hours of forecast keep their own scale", () => {
    const scale = timeScale({ times: [now - 96_000, now - 42_000, now + 9_000_000], now, left: 158, right: 990, reserve: 120 });
    assert.ok(scale.knee !== undefined && Math.abs(scale.x(now) - scale.knee) < 1e-6);
    assert.ok(scale.x(now - 42_000) - scale.x(now - 96_000) > 150);
    for (const at of [now - 96_000, now - 1000, now, now + 60_000, now + 9_000_000]) assert.ok(Math.abs(scale.at(scale.x(at)) - at) < 1);
    const marks = ticks(scale);
    for (let index = 1; index < marks.length; index += 1) assert.ok((marks[index]?.at ?? 0) > (marks[index - 1]?.at ?? 0));
    assert.equal(timeScale({ times: [now - 9_000_000, now + 9_000_000], now, left: 158, right: 990, reserve: 120 }).knee, undefined);
});

test("500 events at one instant are laid out without an endless lane", () => {
    const many = Array.from({ length: 500 }, (_, index) => node(`n${index}`, -10));
    const layout = lay({ nodes: many, edges: [] });
    assert.equal(layout.nodes.length, 500);
    assert.ok(layout.height < 400);
});
