import assert from "node:assert/strict";
import { test } from "node:test";
import { feederOf, last, oneIn, since } from "../src/logic/proposals";

test("chance is told as one in a power of ten, and no finer than anybody can weigh", () => {
    for (const [log, n, isMore] of [[-3.2, 1e3, false], [-6.9, 1e6, false], [-7, 1e6, true], [-300, 1e6, true], [0, 1, false], [0.4, 1, false]] as const) {
        assert.deepEqual(oneIn({ log10_chance: log }), { n, isMore });
    }
});

test("since when and until when, also of lists without that word", () => {
    const episodes = ["2026-01-02T00:00:00Z", "2026-01-05T00:00:00Z"];
    assert.equal(since({ since: "2026-01-01T00:00:00Z", episodes }), "2026-01-01T00:00:00Z");
    assert.equal(since({ episodes }), episodes[0]);
    assert.equal(last({ episodes }), episodes[1]);
    assert.equal(last({ episodes: [] }), undefined);
});

test("a confirmed feeder link says what the site's own record does not", () => {
    const links = [{ a: "S-1", b: "F-1", kind: "feeder" }, { a: "S-2", b: "H-1", kind: "hop" }] as const;
    assert.equal(feederOf({ site_id: "S-1" }, links), "F-1");
    assert.equal(feederOf({ site_id: "S-1", feeder_id: "F-9" }, links), "F-9");
    assert.equal(feederOf({ site_id: "S-2" }, links), undefined);
});
