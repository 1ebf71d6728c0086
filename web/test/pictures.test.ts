import assert from "node:assert/strict";
import { test } from "node:test";
import type { AlarmView, Severity, TopologyLink } from "../src/api/types";
import { chartGeometry, gapAfter, nearest, roundLimits } from "../src/logic/chart";
import { faultOf, faultySpan, hexRows, letterBytes } from "../src/logic/deadLetters";
import { barPosition, trimBuckets } from "../src/logic/histogram";
import { behind, buildGraph, defaultRoot, layoutTree, pathUp } from "../src/logic/hopTree";
import { around, fit, GridIndex, overlaps, placeCallout, project, unproject, zoom } from "../src/logic/mapView";
import { metricForm, metricsOfTab } from "../src/logic/metrics";
import { powerChain } from "../src/logic/powerChain";
import { iso, now, site } from "./fixtures";

const link = (parent: string, child: string, kind: TopologyLink["kind"] = "hop"): TopologyLink => ({ tenant_id: "t", a: parent, b: child, kind, parent });
const alarm = (type: string, severity: Severity = "major"): AlarmView => ({ site_name: "", alarm: { alarm_id: type, tenant_id: "t", site_id: "S", managed_object: "", alarm_type: type, perceived_severity: severity, state: "raised", raised_at: iso(-30), changed_at: iso(-30), occurrences: 1, is_flapping: false, source: "reported", text: "", event_ids: [] } });
const values = (list: Record<string, number>, age = 0) => Object.entries(list).map(([metric, value]) => ({ metric, value, at: iso(-age) }));

test("power chain: grid lost, generator failed, battery carries through LVD 2", () => {
    const view = site("S", { latest: values({ "power.grid.v_l1": 0, "power.dc.bus_v": 44.6, "battery.i": -38, "dg.rpm": 0, "rectifier.out_i": 0 }), site: { site_id: "S", tenant_id: "t", name: "S", operators: [], is_hub: false, dg: { kva: 15, tank_l: 200 } } });
    const chain = powerChain(view, [alarm("power.grid.outage"), alarm("dg.start_failed", "critical"), alarm("power.dc.lvd_open")], now);
    assert.deepEqual([chain.grid.state, chain.generator.state, chain.transfer, chain.battery.flow, chain.rectifier.carries, chain.lvd1Open, chain.lvd2Open, chain.bus.live], ["lost", "failed", "waiting", "out", false, true, false, true]);
});

test("power chain: grid present charges the battery; no generator is unfitted, not failed", () => {
    const chain = powerChain(site("S", { latest: values({ "power.grid.v_l1": 231, "power.dc.bus_v": 54.4, "battery.i": 4, "rectifier.out_i": 30 }) }), [], now);
    assert.deepEqual([chain.grid.state, chain.generator.state, chain.transfer, chain.battery.flow, chain.rectifier.carries], ["on", "unfitted", "grid", "in", true]);
});

test("power chain: old values say unknown, a critical disconnect opens both", () => {
    const chain = powerChain(site("S", { latest: values({ "power.grid.v_l1": 231, "battery.i": -20 }, 60) }), [alarm("power.dc.lvd_open", "critical")], now);
    assert.deepEqual([chain.grid.state, chain.battery.flow, chain.lvd1Open, chain.lvd2Open], ["unknown", "unknown", true, true]);
    assert.equal(chain.battery.amps?.age, 3600);
    assert.equal(powerChain(site("S", { state: "blind" }), [], now).blind, true);
});

test("metrics find their tab, unit and order", () => {
    assert.deepEqual(metricsOfTab("power", ["mw.rsl", "battery.temp", "power.dc.bus_v", "battery.i", "power.dc.bus_v"], 3), ["power.dc.bus_v", "battery.i", "battery.temp"]);
    assert.deepEqual(metricForm("power.dc.bus_v"), { unit: "V", decimals: 1 });
    assert.deepEqual(metricForm("fuel.level"), { unit: "l", decimals: 0 });
    assert.equal(metricForm("vendor.thing").unit, "");
});

test("a chart's limits are round, a gap stays a gap", () => {
    const [low, high] = roundLimits(44.1, 54.4);
    assert.ok(low <= 44.1 && high >= 54.4 && low % 1 === 0 && high % 1 === 0);
    const steady = [...Array(10).keys()].map((index): [number, number] => [index * 1000, 50]);
    const points: [number, number][] = [...steady, [60_000, 51], [61_000, 52]];
    assert.equal(gapAfter(points), 4000);
    assert.equal(chartGeometry(points, 0, 61_000, 300, 100).path.match(/M/g)?.length, 2);
    assert.deepEqual(nearest(points, 60_200), [60_000, 51]);
});

test("dead letters are grouped and the fault is found in the bytes", () => {
    const text = '{"event_type":"battery.telemetry","payload":{"v":52.1,"soc":"n/a"}}';
    const span = faultySpan(text, 'battery.telemetry 1.2: soc is "n/a", must be a number');
    assert.ok(span);
    assert.ok(text.slice(...span).includes("n/a"));
    assert.equal(faultySpan('{"a":1}', "line too long"), null);
    assert.deepEqual(faultySpan("ab\ufffdc", "invalid UTF-8"), [2, 3]);
    const letter = (text: string, more: object) => ({ id: 1, reason_code: "r", detail: "", origin: "", attempts: 1, at: iso(0), state: "waiting" as const, bytes: 0, is_cut: false, is_text: true, text, raw_base64: btoa(String.fromCharCode(...new TextEncoder().encode(text))), ...more });
    // The field with its value where the fault lies in it; the byte alone, also behind characters of several bytes; the end.
    const wrong = '{"version":"1-0","v":1}';
    const marked = (text: string, more: object) => text.slice(...(faultOf(letter(text, more)) ?? [0, 0]));
    assert.equal(marked(wrong, { field: "version", column: 13 }), '"version":"1-0"');
    assert.equal(marked(wrong, { field: "v", column: 22 }), '"v":1');
    assert.equal(marked('{"é":x}', { column: 7 }), "x");
    assert.equal(marked('{"a":1', { column: 7 }), "1");
    const rows = hexRows(letterBytes(letter("0123456789abcdefé", {})), 16);
    assert.deepEqual(rows.map((row) => [row.place, row.cells.length, row.text, row.marked]), [["000000", 8, "01234567", -1], ["000008", 8, "89abcdef", -1], ["000010", 2, "··", 0]]);
});

test("quantiles stand on the right bar", () => {
    const buckets = [[1, 0], [10, 5], [100, 5], [1000, 0]] as const;
    assert.equal(barPosition(buckets, 10), 2);
    assert.equal(Math.round(barPosition(buckets, 31.6) * 10), 25);
    assert.equal(barPosition(buckets, 5000), 4);
    assert.deepEqual(trimBuckets(buckets), [[1, 0], [10, 5], [100, 5]]);
    assert.deepEqual(trimBuckets([[1, 0]]), []);
});

test("the hop tree knows what is behind a site, also with a loop in the data", () => {
    const links = [link("core", "hub"), link("hub", "a"), link("a", "b"), link("hub", "c"), link("core", "other"), { ...link("hub", "x"), kind: "feeder" as const }, link("b", "a")];
    const graph = buildGraph(links);
    assert.deepEqual(behind(graph, "hub"), ["hub", "a", "c", "b"]);
    assert.deepEqual(pathUp(graph, "b"), ["a", "hub", "core"]);
    const sites = ["core", "hub", "a", "b", "c", "other"].map((id) => site(id, id === "hub" ? { state: "degraded" } : {}));
    assert.equal(defaultRoot(sites, graph), "hub");
    assert.equal(defaultRoot([], graph), undefined);
});

test("tree boxes never overlap, and many children fold", () => {
    const links = [link("core", "hub"), ...[...Array(63).keys()].map((index) => link("hub", `s${index}`)), ...[...Array(9).keys()].map((index) => link("core", `h${index}`))];
    const layout = layoutTree(buildGraph(links), "hub", () => 1);
    layout.boxes.forEach((box, index) => {
        for (const second of layout.boxes.slice(index + 1)) assert.ok(!overlaps({ ...box, height: 54 }, { ...second, height: 54 }));
    });
    assert.ok(layout.boxes.some((box) => box.folded === 23));
    assert.ok(layout.blast && layout.blast.width > 0);
});

test("the map shows every site, zooms around the hand and finds the nearest", () => {
    const places = [{ lat: 4.9, lon: -7.5 }, { lat: 10.2, lon: -3 }, { lat: 6.5, lon: -5 }];
    const view = fit(places, 900, 600);
    for (const place of places) {
        const { x, y } = project(view, place);
        assert.ok(x >= 0 && x <= 900 && y >= 0 && y <= 600);
    }
    const at = { x: 200, y: 300 };
    const before = unproject(view, at);
    const after = unproject(zoom(view, 2, at, { least: 1, most: 1e6 }), at);
    assert.ok(Math.abs(before.lat - after.lat) < 1e-9 && Math.abs(before.lon - after.lon) < 1e-9);
    const index = new GridIndex<string>();
    index.add({ x: 10, y: 10 }, "far");
    index.add({ x: 31, y: 30 }, "near");
    assert.equal(index.nearest({ x: 30, y: 30 }, 12), "near");
    assert.equal(index.nearest({ x: 300, y: 30 }, 12), undefined);
    assert.equal(fit([], 900, 600).scale, 40);
});

test("a callout finds room or is left out", () => {
    const circle = around([{ x: 400, y: 300 }, { x: 440, y: 300 }]);
    const area = { x: 0, y: 0, width: 900, height: 600 };
    const first = placeCallout(circle, 230, 44, area, []);
    assert.ok(first);
    const second = placeCallout(circle, 230, 44, area, [first]);
    assert.ok(second && !overlaps(first, second));
    assert.equal(placeCallout(circle, 230, 44, { x: 380, y: 280, width: 60, height: 60 }, []), null);
});
