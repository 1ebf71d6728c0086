// Dead letters: where in their bytes the fault is, and bytes that are no text as lines of eight.

import type { DeadLetterView } from "../api/types";

export const letterStates = ["waiting", "accepted", "returned", "discarded", "expired"] as const;

export const letterBytes = (letter: DeadLetterView): Uint8Array => Uint8Array.from(atob(letter.raw_base64), (each) => each.charCodeAt(0));

/// The span of `text` that the detail names: a quoted word, or a field with its value. `null` when it cannot be told.
export function faultySpan(text: string, detail: string): [number, number] | null {
    const invalid = text.indexOf("\ufffd");
    if (invalid >= 0) return [invalid, invalid + 1];
    const words = [...detail.matchAll(/"([^"]{1,80})"|`([^`]{1,80})`|\b([a-z][a-z0-9_]{2,40})\b/gi)].map((found) => found[1] ?? found[2] ?? found[3] ?? "");
    for (const word of words) {
        const span = memberSpan(text, word);
        if (span) return span;
    }
    return null;
}

/// A member of the JSON with its value, as far as there is one.
function memberSpan(text: string, name: string): [number, number] | null {
    const key = text.indexOf(`"${name}"`);
    if (key < 0) return null;
    const value = /^\s*:\s*("(?:[^"\\]|\\.)*"|[^,}\]\s]+)/.exec(text.slice(key + name.length + 2));
    return [key, key + name.length + 2 + (value?.[0]?.length ?? 0)];
}

/// What is marked: the field that the reason names, else the byte at which the fault was noticed, else what the detail names.
export function faultOf(letter: DeadLetterView): [number, number] | null {
    if (letter.column !== undefined) {
        const at = new TextDecoder().decode(letterBytes(letter).slice(0, letter.column - 1)).length;
        const member = letter.field ? memberSpan(letter.text, letter.field.slice(letter.field.lastIndexOf(".") + 1)) : null;
        // A name that stands there twice is marked where the fault was noticed.
        if (member && at >= member[0] && at <= member[1]) return member;
        return at < letter.text.length ? [at, at + 1] : [Math.max(0, letter.text.length - 1), letter.text.length];
    }
    return faultySpan(letter.text, letter.detail);
}

/// As many as a phone shows beside what can be read of them.
export const bytesPerRow = 8;

export interface HexRow {
    place: string;
    cells: string[];
    text: string;
    /// Which of the row's bytes is at fault; -1 for none.
    marked: number;
}

export function hexRows(bytes: Uint8Array, fault: number | undefined, most = 256): HexRow[] {
    const rows: HexRow[] = [];
    for (let start = 0; start < bytes.length && rows.length < most; start += bytesPerRow) {
        const part = [...bytes.slice(start, start + bytesPerRow)];
        rows.push({
            place: start.toString(16).padStart(6, "0"),
            cells: part.map((byte) => byte.toString(16).padStart(2, "0")),
            text: part.map((byte) => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : "·")).join(""),
            marked: fault !== undefined && fault >= start && fault < start + bytesPerRow ? fault - start : -1,
        });
    }
    return rows;
}
