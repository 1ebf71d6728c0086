// Small hooks: queries that keep the last good answer, a ticking clock, media queries.

import { useCallback, useEffect, useRef, useState } from "react";
import { ApiError, get } from "../api/client";
import { cachedAnswer, keepAnswer, type Answer } from "./queryCache";
import { serverNow, useLive } from "./store";

export interface Query<T> {
    state: "loading" | "ready" | "error";
    data: T | undefined;
    error: ApiError | undefined;
    /// When `data` came, our clock.
    at: number;
    reload: () => void;
}

/// Fetches `path` (or nothing when it is null), again whenever `refresh` changes, at most once per `gap` milliseconds.
/// An error keeps the last good data; a path seen before shows its last answer at once. Paths of one `subject` (a chart
/// whose time window moves on) show the previous answer until the new one is here.
export function useQuery<T>(path: string | null, refresh: unknown = 0, gap = 1000, subject: string | null = path): Query<T> {
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
                    keepAnswer(path, data);
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
    const previous = useRef<{ subject: string | null; answer: Answer }>();
    const own = path === null ? undefined : cachedAnswer(path);
    if (own) previous.current = { subject, answer: own };
    const kept = own ?? (path !== null && previous.current?.subject === subject ? previous.current.answer : undefined);
    const reload = useCallback(() => setCount((value) => value + 1), []);
    return {
        state: error ? "error" : kept ? "ready" : "loading",
        data: kept?.data as T | undefined,
        error,
        at: kept?.at ?? 0,
        reload,
    };
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

/// Class of a cell whose value just changed: a tint that fades over 2 s, at most once per 10 s.
export function useChanged(value: string | number): string {
    const before = useRef(value);
    const shownAt = useRef(-Infinity);
    const [tinted, setTinted] = useState(false);
    useEffect(() => {
        if (before.current === value) return;
        before.current = value;
        if (performance.now() - shownAt.current < 10_000) return;
        shownAt.current = performance.now();
        setTinted(true);
        const timer = window.setTimeout(() => setTinted(false), 2000);
        return () => window.clearTimeout(timer);
    }, [value]);
    return tinted ? "changed" : "";
}
