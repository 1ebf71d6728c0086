// Dark or light: the reader's choice, else the system's. Wall mode is dark.

import { useSyncExternalStore } from "react";

export type Theme = "dark" | "light";

const themeKey = "towerco.theme";
const system = matchMedia("(prefers-color-scheme: light)");
const listeners = new Set<() => void>();

function asked(): Theme {
    const query = new URLSearchParams(location.search);
    if (query.get("wall") === "1") return "dark";
    const kept = query.get("theme") ?? localStorage.getItem(themeKey);
    if (kept === "dark" || kept === "light") return kept;
    return system.matches ? "light" : "dark";
}

let theme: Theme = asked();

function show(): void {
    document.documentElement.dataset.theme = theme;
    document.querySelector('meta[name="theme-color"]')?.setAttribute("content", theme === "dark" ? "#0B0E13" : "#F4F5F7");
    for (const listener of listeners) listener();
}

export function startTheme(): void {
    show();
    system.addEventListener("change", () => {
        theme = asked();
        show();
    });
}

export function toggleTheme(): void {
    theme = theme === "dark" ? "light" : "dark";
    localStorage.setItem(themeKey, theme);
    show();
}

export function useTheme(): Theme {
    return useSyncExternalStore(
        (listener) => {
            listeners.add(listener);
            return () => listeners.delete(listener);
        },
        () => theme,
    );
}

/// A token's value now, for what is drawn on a canvas.
export const token = (name: string): string => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
