import assert from "node:assert/strict";
import { test } from "node:test";
import * as units from "../src/format/units";

const sp = units.nbsp;

test("numbers are grouped by language with no-break spaces", () => {
    assert.equal(units.number(1284, "en-GB"), "1,284");
    assert.equal(units.number(1284, "fr-FR"), `1${sp}284`);
    assert.equal(units.number(44.6, "fr-FR", 1), "44,6");
    assert.equal(units.number(-38, "en-GB"), "\u221238");
    assert.equal(units.number(-0.2, "en-GB"), "0");
    assert.equal(units.quantity(44.6, "V", "en-GB", 1), `44.6${sp}V`);
});

test("a percentage never rounds up to a promise it does not keep", () => {
    assert.equal(units.percent(0.99871, "en-GB", 3), `99.871${sp}%`);
    assert.equal(units.percent(0.999999, "en-GB", 2), `99.99${sp}%`);
    assert.equal(units.percent(1, "en-GB", 2), `100.00${sp}%`);
});

test("minutes stay minutes under 90, then become hours", () => {
    for (const [minutes, text] of [[0, `0${sp}min`], [38.4, `38${sp}min`], [89.4, `89${sp}min`], [90, `1${sp}h${sp}30`], [112, `1${sp}h${sp}52`], [-4, `0${sp}min`]] as const) assert.equal(units.minutesText(minutes), text);
    assert.equal(units.minutesColumn(38), "0:38");
    assert.equal(units.minutesColumn(281), "4:41");
    assert.deepEqual(units.bandEnds(24, 55), { p10: "24", p90: "55" });
    assert.deepEqual(units.bandEnds(80, 140), { p10: "1:20", p90: "2:20" });
});

test("milliseconds stay milliseconds under ten thousand, then become seconds", () => {
    assert.deepEqual(units.millisecondsFigure(1094.84, "en-GB", 1), { value: "1,094.8", unit: "ms" });
    assert.deepEqual(units.millisecondsFigure(9_999, "en-GB"), { value: "9,999", unit: "ms" });
    assert.deepEqual(units.millisecondsFigure(38_894, "en-GB"), { value: "38.9", unit: "s" });
});

test("spans, lags and odds read as people say them", () => {
    assert.equal(units.spanText(40), `40${sp}s`);
    assert.equal(units.spanText(2280), `38${sp}min`);
    assert.equal(units.spanText(21_900), `6${sp}h${sp}05`);
    assert.equal(units.spanText(23 * 86_400), `23${sp}d`);
    assert.equal(units.spanText(Number.NaN), "–");
    assert.equal(units.lagText(3), `+3${sp}s`);
    assert.equal(units.lagText(3311), `+55${sp}min`);
    assert.equal(units.odds(38, "en-GB"), "×38");
    assert.equal(units.odds(6.2, "en-GB"), "×6.2");
    assert.equal(units.odds(1 / 2.4, "en-GB"), "÷2.4");
});

test("a probability below one is never written as certain", () => {
    assert.equal(units.probability(0.914, "en-GB"), "0.91");
    assert.equal(units.probability(0.999, "en-GB"), "0.99");
    assert.equal(units.probability(1, "en-GB"), "1.00");
    assert.equal(units.probability(0.002, "en-GB"), "<0.01");
    assert.equal(units.probability(0, "en-GB"), "0.00");
});

test("clocks carry their zone", () => {
    const at = Date.parse("2026-01-15T02:07:24Z");
    assert.equal(units.clockText(at, "Africa/Abidjan", true), "02:07:24");
    assert.equal(units.clockText(at, "Europe/Paris"), "03:07");
    assert.equal(units.zoneName(at, "UTC", "en-GB"), "UTC");
});

test("bytes, ids and initials", () => {
    assert.equal(units.bytesText(1_220_000_000_000, "en-GB"), `1.22${sp}TB`);
    assert.equal(units.bytesText(640, "en-GB"), `640${sp}B`);
    assert.equal(units.shortId("9f2c0000-0000-0000-0000-0000000000a1"), "9f2c…a1");
    assert.deepEqual([...units.initials(["Akwa", "Lagune", "Ace"]).values()], ["Ak", "L", "Ac"]);
    assert.equal(units.personInitials("moussa.diallo"), "MD");
    assert.equal(units.personInitials("demo"), "DE");
});
