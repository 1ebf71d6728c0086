import { useSyncExternalStore } from "react";
import { t } from "../text";

interface Toast {
    id: number;
    text: string;
    undo?: () => void;
}

let toasts: readonly Toast[] = [];
let next = 1;
const listeners = new Set<() => void>();

function set(list: readonly Toast[]): void {
    toasts = list;
    for (const listener of listeners) listener();
}

const drop = (id: number): void => set(toasts.filter((toast) => toast.id !== id));

/// A line for 6 s, with undo where the command can be taken back. Never for what the screen already shows.
export function say(text: string, undo?: () => void): void {
    const id = next;
    next += 1;
    set([...toasts.slice(-2), undo ? { id, text, undo } : { id, text }]);
    window.setTimeout(() => drop(id), 6000);
}

export function Toasts() {
    const list = useSyncExternalStore(
        (listener) => {
            listeners.add(listener);
            return () => listeners.delete(listener);
        },
        () => toasts,
    );
    return (
        <div className="toasts" role="status" aria-live="polite">
            {list.map((toast) => (
                <div key={toast.id} className="toast">
                    <span>{toast.text}</span>
                    {toast.undo && (
                        <button
                            className="button small"
                            onClick={() => {
                                toast.undo?.();
                                drop(toast.id);
                            }}
                        >
                            {t("toast.undo")}
                        </button>
                    )}
                </div>
            ))}
        </div>
    );
}
