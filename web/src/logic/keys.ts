// Which command a key press means. `G` waits for a second letter; nothing is caught while typing.

export interface Press {
    key: string;
    ctrl: boolean;
    meta: boolean;
    alt: boolean;
    shift: boolean;
    typing: boolean;
}

export const places: Record<string, string> = {
    f: "/", i: "/incidents", a: "/alarms", s: "/sites", t: "/topology", e: "/energy", l: "/sla", p: "/platform",
};

export type Meaning = { kind: "go"; to: string } | { kind: "key"; name: string } | null;

const chordWait = 1500;

export class KeyReader {
    private prefixAt = -Infinity;
    constructor(private singles: boolean = true) {}

    setSingles(on: boolean): void {
        this.singles = on;
    }

    read(press: Press, now: number): Meaning {
        const letter = press.key.length === 1 ? press.key.toLowerCase() : press.key;
        if ((press.ctrl || press.meta) && letter === "k") return { kind: "key", name: "ctrl+k" };
        if (press.ctrl || press.meta || press.alt) return null;
        if (press.key === "Escape") return { kind: "key", name: "escape" };
        if (press.typing) return null;
        if (["Enter", "ArrowDown", "ArrowUp"].includes(press.key)) return { kind: "key", name: press.key.toLowerCase() };
        if (!this.singles) return null;
        if (now - this.prefixAt < chordWait) {
            this.prefixAt = -Infinity;
            const to = places[letter];
            return to ? { kind: "go", to } : null;
        }
        if (letter === "g") {
            this.prefixAt = now;
            return null;
        }
        if (press.key.length !== 1) return null;
        const isLetter = letter >= "a" && letter <= "z";
        return { kind: "key", name: isLetter && press.shift ? `shift+${letter}` : letter };
    }
}
