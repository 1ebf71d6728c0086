// The reader's language: `?lang=` (kept), else the browser's, else English.

import { fill, type Params } from "./catalogue";
import { en } from "./en";
import { fr } from "./fr";

export type Key = keyof typeof en;
export type Language = "en" | "fr";

const languageKey = "towerco.lang";

function chosen(): Language {
    const asked = new URLSearchParams(location.search).get("lang");
    if (asked === "en" || asked === "fr") {
        localStorage.setItem(languageKey, asked);
        return asked;
    }
    const kept = localStorage.getItem(languageKey);
    if (kept === "en" || kept === "fr") return kept;
    return navigator.language.toLowerCase().startsWith("fr") ? "fr" : "en";
}

export const language: Language = chosen();
export const locale = language === "fr" ? "fr-FR" : "en-GB";
const catalogue: Record<Key, string> = language === "fr" ? fr : en;
const plural = new Intl.PluralRules(locale);

export function setLanguage(next: Language): void {
    localStorage.setItem(languageKey, next);
    location.search = new URLSearchParams(location.search).get("lang") ? `?lang=${next}` : location.search;
    location.reload();
}

export function t(key: Key, params?: Params): string {
    return fill(catalogue[key], params);
}

type Counted = Key extends infer K ? (K extends `${infer Base}.one` ? Base : never) : never;

/// A text that depends on a number: `key.one` or `key.other`, with the number as `{n}` unless it is given.
export function tn(key: Counted, count: number, params?: Params): string {
    const form = plural.select(count) === "one" ? "one" : "other";
    return fill(catalogue[`${key}.${form}` as Key], { n: new Intl.NumberFormat(locale).format(count), ...params });
}
