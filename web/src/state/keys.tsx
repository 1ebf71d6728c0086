// Screens say which keys they take; a dialog answers before its screen, a screen before the shell.

import { useEffect, useRef } from "react";
import { KeyReader } from "../logic/keys";
import { navigate } from "../router/router";

export type Bindings = Record<string, (event: KeyboardEvent) => void>;

const singlesKey = "towerco.keys";
const stack: { level: number; bindings: { current: Bindings } }[] = [];
const reader = new KeyReader(localStorage.getItem(singlesKey) !== "off");

export const singleKeysOn = (): boolean => localStorage.getItem(singlesKey) !== "off";

export function setSingleKeys(on: boolean): void {
    localStorage.setItem(singlesKey, on ? "on" : "off");
    reader.setSingles(on);
}

function isTyping(target: EventTarget | null): boolean {
    const element = target as HTMLElement | null;
    return Boolean(element && (element.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(element.tagName)));
}

document.addEventListener("keydown", (event) => {
    const meaning = reader.read(
        { key: event.key, ctrl: event.ctrlKey, meta: event.metaKey, alt: event.altKey, shift: event.shiftKey, typing: isTyping(event.target) },
        performance.now(),
    );
    if (meaning === null) return;
    if (meaning.kind === "go") {
        if (document.querySelector("[role=dialog]")) return;
        event.preventDefault();
        return navigate(meaning.to);
    }
    // A focused link or button keeps its own Enter.
    if (meaning.name === "enter" && (event.target as HTMLElement).closest?.("a,button,summary")) return;
    for (let index = stack.length - 1; index >= 0; index -= 1) {
        const entry = stack[index];
        // An open dialog keeps the screen below it still.
        if (!entry || (entry.level < dialogLevel && document.querySelector("[role=dialog]"))) continue;
        const action = entry.bindings.current[meaning.name];
        if (!action) continue;
        event.preventDefault();
        return action(event);
    }
});

export const shellLevel = 0;
export const screenLevel = 1;
export const dialogLevel = 2;

export function useKeys(bindings: Bindings, level: number = screenLevel): void {
    const latest = useRef(bindings);
    latest.current = bindings;
    useEffect(() => {
        const entry = { level, bindings: latest };
        stack.push(entry);
        stack.sort((left, right) => left.level - right.level);
        return () => {
            stack.splice(stack.indexOf(entry), 1);
        };
    }, [level]);
}

export function Key({ children }: { children: string }) {
    return (
        <kbd className="key" aria-hidden="true">
            {children}
        </kbd>
    );
}
