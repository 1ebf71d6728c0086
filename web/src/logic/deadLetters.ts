// Dead letters by reason, and where in their bytes the fault is.

import type { DeadLetterView } from "../api/types";

export interface LetterGroup {
    reason: string;
    letters: DeadLetterView[];
    newest: string;
    oldest: string;
}

export function groupLetters(letters: readonly DeadLetterView[]): LetterGroup[] {
    const groups = new Map<string, DeadLetterView[]>();
    for (const letter of letters) {
        const group = groups.get(letter.reason_code);
        if (group) group.push(letter);
        else groups.set(letter.reason_code, [letter]);
    }
    return [...groups]
        .map(([reason, list]) => {
            const sorted = [...list].sort((one, two) => (one.at < two.at ? 1 : -1));
            return { reason, letters: sorted, newest: sorted[0]?.at ?? "", oldest: sorted[sorted.length - 1]?.at ?? "" };
        })
        .sort((one, two) => two.letters.length - one.letters.length || (one.reason < two.reason ? -1 : 1));
}

/// The span of `text` that the detail names: a quoted word, or a field with its value. `null` when it cannot be told.
export function faultySpan(text: string, detail: string): [number, number] | null {
    const invalid = text.indexOf("\ufffd");
    if (invalid >= 0) return [invalid, invalid + 1];
    const words = [...detail.matchAll(/"([^"]{1,80})"|`([^`]{1,80})`|\b([a-z][a-z0-9_]{2,40})\b/gi)].map((found) => found[1] ?? found[2] ?? found[3] ?? "");
    for (const word of words) {
        const key = text.indexOf(`"${word}"`);
        if (key < 0) continue;
        const rest = text.slice(key + word.length + 2);
        const value = /^\s*:\s*("(?:[^"\\]|\\.)*"|[^,}\]\s]+)/.exec(rest);
        return [key, key + word.length + 2 + (value?.[0]?.length ?? 0)];
    }
    return null;
}
