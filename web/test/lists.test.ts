import assert from "node:assert/strict";
import { test } from "node:test";
import { alarmObject } from "../src/logic/alarmObject";
import { KeyReader, type Press } from "../src/logic/keys";
import { best, score } from "../src/logic/search";
import { mostRows, moveRow, pagesNeeded, scrollHeight, windowOf } from "../src/logic/window";
import { match, withQuery } from "../src/router/routes";

test("never more than 60 rows in the document, the ones in sight always among them", () => {
    for (const total of [0, 1, 24, 60, 1204, 100_000])
        for (const top of [0, 17, 340, 34 * 50_000, 34 * 99_990])
            for (const height of [300, 768, 1500]) {
                const view = windowOf(top, height, 34, total);
                assert.ok(view.end - view.first <= mostRows, JSON.stringify({ total, top, height, view }));
                assert.ok(view.first <= view.seenFirst && view.end >= Math.min(view.seenEnd, view.first + mostRows));
                assert.ok(view.end <= total);
            }
});

test("pages are asked for as the window nears them", () => {
    assert.deepEqual([0, 1, 200, 201, 98_412].map(pagesNeeded), [1, 1, 1, 2, 493]);
    assert.equal(scrollHeight(100_000, 34), 3_400_000);
});

test("keys move the row and stop at the ends", () => {
    const moves = [[0, "k", 0], [0, "j", 1], [5, "PageDown", 29], [5, "Home", 0], [5, "End", 99], [98, "PageDown", 99], [7, "x", 7]] as const;
    for (const [at, key, to] of moves) assert.equal(moveRow(at, key, 24, 100), to);
});

const press = (key: string, more: Partial<Press> = {}): Press => ({ key, ctrl: false, meta: false, alt: false, shift: false, typing: false, ...more });

test("G waits for its second letter, for a moment", () => {
    const reader = new KeyReader();
    assert.equal(reader.read(press("g"), 0), null);
    assert.deepEqual(reader.read(press("i"), 900), { kind: "go", to: "/incidents" });
    assert.equal(reader.read(press("g"), 2000), null);
    assert.deepEqual(reader.read(press("a"), 9000), { kind: "key", name: "a" });
});

test("nothing is caught while typing, and single keys can be turned off", () => {
    const reader = new KeyReader();
    assert.equal(reader.read(press("a", { typing: true }), 0), null);
    assert.deepEqual(reader.read(press("k", { ctrl: true, typing: true }), 0), { kind: "key", name: "ctrl+k" });
    assert.deepEqual(reader.read(press("S", { shift: true }), 0), { kind: "key", name: "shift+s" });
    assert.deepEqual(reader.read(press("?", { shift: true }), 0), { kind: "key", name: "?" });
    assert.equal(reader.read(press("r", { ctrl: true }), 0), null);
    reader.setSingles(false);
    assert.equal(reader.read(press("a"), 0), null);
    assert.deepEqual(reader.read(press("Escape"), 0), { kind: "key", name: "escape" });
});

test("search finds without accents and ranks beginnings first", () => {
    assert.ok(score("Diégonéfla", "diegonefla") > 0);
    assert.equal(score("Toumodi hub", "xyz"), 0);
    assert.deepEqual(best(["South hub", "Hub north", "Unhubbed"], (text) => text, "hub", 2), ["Hub north", "South hub"]);
});

test("addresses are matched, and queries keep a stable order", () => {
    assert.deepEqual(match("/incidents/INC-4182"), { name: "incident", params: { id: "INC-4182" } });
    assert.deepEqual(match("/sites/SITE%3A1/fuel"), { name: "site", params: { id: "SITE:1", tab: "fuel" } });
    assert.equal(match("/sites/%E0%A4%A").name, "notFound");
    assert.equal(match("/nowhere/at/all").name, "notFound");
    assert.equal(withQuery("?sel=INC-1&a=2", { sel: null, b: "3" }), "?a=2&b=3");
    assert.equal(withQuery("?a=2", { a: null }), "");
});

test("an alarm says which of several alike it is about", () => {
    const cases: [string, string][] = [["cell:3", "cell\u00a03"], ["link:HUB/KID1", "HUB"], ["link:A/B", "A / B"], ["battery", ""], ["door:main", "door\u00a0main"]];
    for (const [object, text] of cases) assert.equal(alarmObject(object, "KID1"), text);
});
