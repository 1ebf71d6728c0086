// A router of the size the console needs: the history API, and state that lives in the query.

import { useSyncExternalStore, type AnchorHTMLAttributes, type MouseEvent } from "react";
import { match, withQuery, type Match } from "./routes";

const listeners = new Set<() => void>();
let current = location.pathname + location.search;

function notify(): void {
    current = location.pathname + location.search;
    for (const listener of listeners) listener();
}

window.addEventListener("popstate", notify);

export function navigate(to: string, options: { replace?: boolean } = {}): void {
    if (to === current) return;
    const leaves = new URL(to, location.origin).pathname !== location.pathname;
    history[options.replace ? "replaceState" : "pushState"]({}, "", to);
    notify();
    if (leaves) {
        document.getElementById("main")?.scrollTo(0, 0);
        window.scrollTo(0, 0);
        // A reader by keyboard goes on inside the new page, unless focus stands in the frame around it.
        requestAnimationFrame(() => {
            if (document.activeElement === document.body) document.getElementById("main")?.focus({ preventScroll: true });
        });
    }
}

/// Changes the query in place: filters and selection do not fill the history.
export function setQuery(changes: Record<string, string | null>): void {
    navigate(location.pathname + withQuery(location.search, changes), { replace: true });
}

export function useLocation(): { path: string; query: URLSearchParams; route: Match } {
    const address = useSyncExternalStore(
        (listener) => {
            listeners.add(listener);
            return () => listeners.delete(listener);
        },
        () => current,
    );
    const [path = "/", search = ""] = address.split("?");
    return { path, query: new URLSearchParams(search), route: match(path) };
}

export function Link({ to, onClick, ...rest }: { to: string } & AnchorHTMLAttributes<HTMLAnchorElement>) {
    const follow = (event: MouseEvent<HTMLAnchorElement>) => {
        onClick?.(event);
        const plain = event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey;
        if (event.defaultPrevented || !plain) return;
        event.preventDefault();
        navigate(to);
    };
    return <a href={to} onClick={follow} {...rest} />;
}
