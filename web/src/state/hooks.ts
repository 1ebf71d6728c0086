// Small hooks: queries that keep the last good answer, a ticking clock, media queries.

import { useCallback, useEffect, useRef, useState } from "react";
import { ApiError, get } from "../api/client";
import { serverNow, useLive } from "./store";

export interface Query<T> {
    state: "loading" | "ready" | "error";
    data: T | undefined;
    error: ApiError | undefined;
    /// When `data` came, our clock.
    at: number;
    reload: () => void;
}

const cache = new Map<string, { data: unknown; at: number }>();

/// Fetches `path` (or nothing when it is null), again whenever `refresh` changes, at most once per `gap` milliseconds.
/// An error keeps the last good data; a path seen before shows its last answer at once.
export function useQuery<T>(path: string | null, refresh: unknown = 0, gap = 1000): Query<T> {
    const [, redraw] = useState(0);
    const [error, setError] = useState<ApiError>();
    const [count, setCount] = useState(0);
    const lastFetch = useRef({ path: "", at: 0 });
    useEffect(() => {
        if (path === null) return;
        const abort = new AbortController();
        const since = Date.now() - lastFetch.current.at;
        const wait = lastFetch.current.path === path && since < gap ? gap - since : 0;
        const timer = window.setTimeout(() => {
            lastFetch.current = { path, at: Date.now() };
            get<T>(path, abort.signal).then(
                (data) => {
                    if (cache.size > 200) cache.clear();
                    cache.set(path, { data, at: Date.now() });
                    setError(undefined);
                    redraw((value) => value + 1);
                },
                (cause) => {
                    if (cause instanceof ApiError) setError(cause);
                },
            );
        }, wait);
        return () => {
            window.clearTimeout(timer);
            // A request already under way may finish: its answer is still the newest we have.
            if (wait > 0 || lastFetch.current.path !== path) abort.abort();
        };
    }, [path, refresh, count, gap]);
    const kept = path === null ? undefined : cache.get(path);
    const reload = useCallback(() => setCount((value) => value + 1), []);
    return {
        state: error ? "error" : kept ? "ready" : "loading",
        data: kept?.data as T | undefined,
        error,
        at: kept?.at ?? 0,
        reload,
    };
}

export function forgetQueries(): void {
    cache.clear();
}

/// The server's time, redrawn every `period` milliseconds.
export function useNow(period = 1000): number {
    const [now, setNow] = useState(serverNow);
    const offset = useLive((data) => data.clockOffset);
    useEffect(() => {
        setNow(serverNow());
        const timer = window.setInterval(() => setNow(serverNow()), period);
        return () => window.clearInterval(timer);
    }, [period, offset]);
    return now;
}

export function useMedia(query: string): boolean {
    const [matches, setMatches] = useState(() => matchMedia(query).matches);
    useEffect(() => {
        const list = matchMedia(query);
        const change = () => setMatches(list.matches);
        change();
        list.addEventListener("change", change);
        return () => list.removeEventListener("change", change);
    }, [query]);
    return matches;
}

export const usePhone = (): boolean => useMedia("(max-width: 700px)");

/// Width and height of an element, whole pixels.
export function useSize<Element extends HTMLElement>(): [(node: Element | null) => void, { width: number; height: number }] {
    const [size, setSize] = useState({ width: 0, height: 0 });
    const observer = useRef<ResizeObserver>();
    const attach = useCallback((node: Element | null) => {
        observer.current?.disconnect();
        if (!node) return;
        observer.current = new ResizeObserver(([entry]) => {
            if (!entry) return;
            const width = Math.round(entry.contentRect.width);
            const height = Math.round(entry.contentRect.height);
            setSize((before) => (before.width === width && before.height === height ? before : { width, height }));
        });
        observer.current.observe(node);
    }, []);
    return [attach, size];
}

/// True once `waiting` has lasted 150 ms: what answers faster shows no loading blocks at all.
export function useLateLoading(waiting: boolean): boolean {
    const [late, setLate] = useState(false);
    useEffect(() => {
        if (!waiting) return setLate(false);
        const timer = window.setTimeout(() => setLate(true), 150);
        return () => window.clearTimeout(timer);
    }, [waiting]);
    return late;
}
