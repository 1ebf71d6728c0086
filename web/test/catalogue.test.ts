import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { fill, placeholders } from "../src/text/catalogue";
import { en } from "../src/text/en";
import { fr } from "../src/text/fr";

const english: Record<string, string> = en;
const french: Record<string, string> = fr;
const root = process.env.CONSOLE_SRC ?? "src";

test("both languages have the same keys and no empty text", () => {
    assert.deepEqual(Object.keys(french).sort(), Object.keys(english).sort());
    for (const [key, text] of [...Object.entries(english), ...Object.entries(french)]) assert.ok(text.length > 0, key);
});

test("placeholders are the same in both languages", () => {
    for (const key of Object.keys(english)) assert.deepEqual(placeholders(french[key] ?? ""), placeholders(english[key] ?? ""), key);
});

test("every key is used somewhere, by name or by a built prefix", () => {
    const source = readdirSync(root, { recursive: true })
        .filter((name) => /\.tsx?$/.test(name) && !name.startsWith("text/"))
        .map((name) => readFileSync(`${root}/${name}`, "utf8"))
        .join("\n");
    const built = [...source.matchAll(/`([a-zA-Z.]+\.)\$\{/g)].map((found) => found[1] as string);
    const unused = Object.keys(english).filter((key) => {
        const base = key.replace(/\.(one|other)$/, "");
        return !source.includes(`"${key}"`) && !source.includes(`"${base}"`) && !built.some((prefix) => key.startsWith(prefix));
    });
    assert.deepEqual(unused, []);
});

test("French has a no-break space before double punctuation", () => {
    for (const [key, text] of Object.entries(french)) assert.ok(!/(^|[^\u00a0\u202f\d{}h])[;?!:](\s|$)/.test(text), `${key}: ${text}`);
});

test("no exclamation, no please, no oops", () => {
    for (const text of Object.values(english)) assert.ok(!/!|please|oops/i.test(text), text);
});

test("filling leaves unknown placeholders visible", () => {
    assert.equal(fill("{a} of {b}", { a: 1 }), "1 of {b}");
});
