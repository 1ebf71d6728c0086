import { useEffect, useRef, type ReactNode } from "react";
import { dialogLevel, useKeys } from "../state/keys";

/// A modal dialog: focus goes in, stays in, and returns to where it came from.
export function Dialog({ title, onClose, children, className = "" }: { title: string; onClose: () => void; children: ReactNode; className?: string }) {
    const box = useRef<HTMLDivElement>(null);
    useKeys({ escape: onClose }, dialogLevel);
    useEffect(() => {
        const before = document.activeElement as HTMLElement | null;
        const first = box.current?.querySelector<HTMLElement>("[autofocus],input,textarea,button,a[href]");
        (first ?? box.current)?.focus();
        return () => before?.focus();
    }, []);
    const keepFocus = (event: React.KeyboardEvent) => {
        if (event.key !== "Tab" || !box.current) return;
        const all = [...box.current.querySelectorAll<HTMLElement>("input,textarea,select,button:not([disabled]),a[href]")];
        const edge = event.shiftKey ? all[0] : all[all.length - 1];
        if (document.activeElement !== edge) return;
        event.preventDefault();
        (event.shiftKey ? all[all.length - 1] : all[0])?.focus();
    };
    return (
        <div className="veil" onMouseDown={(event) => event.target === event.currentTarget && onClose()}>
            <div ref={box} className={`dialog ${className}`} role="dialog" aria-modal="true" aria-label={title} tabIndex={-1} onKeyDown={keepFocus}>
                {children}
            </div>
        </div>
    );
}
