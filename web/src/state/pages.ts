// A long list by cursor: pages are fetched in order as the window nears them; the rest is only counted.

import { useCallback, useEffect, useRef, useState } from "react";
import { ApiError, get } from "../api/client";
import type { Page } from "../api/types";
import { pageSize, pagesNeeded } from "../logic/window";

export interface LongList<Item> {
    items: readonly Item[];
    total: number;
    loading: boolean;
    error: ApiError | undefined;
    at: number;
    /// Says how far the window reaches.
    want: (end: number) => void;
    /// Starts over: newest first page.
    reload: () => void;
}

interface Held<Item> {
    path: string;
    items: Item[];
    cursor: string | undefined;
    total: number;
    complete: boolean;
    at: number;
}

export function useLongList<Item>(path: string): LongList<Item> {
    const held = useRef<Held<Item>>();
    const busy = useRef(false);
    const wanted = useRef(1);
    const [, redraw] = useState(0);
    const [error, setError] = useState<ApiError>();
    const [round, setRound] = useState(0);

    const more = useCallback(async () => {
        if (busy.current) return;
        const now = held.current;
        const mine = now?.path === path ? now : undefined;
        if (mine && (mine.complete || mine.items.length >= wanted.current * pageSize)) return;
        busy.current = true;
        try {
            const joint = path.includes("?") ? "&" : "?";
            const cursor = mine?.cursor ? `&cursor=${encodeURIComponent(mine.cursor)}` : "";
            const page = await get<Page<Item>>(`${path}${joint}limit=${pageSize}${cursor}`);
            const items = [...(mine?.items ?? []), ...page.items];
            held.current = { path, items, cursor: page.next_cursor, total: page.total ?? items.length + (page.next_cursor ? pageSize : 0), complete: !page.next_cursor, at: Date.now() };
            setError(undefined);
        } catch (cause) {
            if (cause instanceof ApiError) setError(cause);
            wanted.current = 0;
        } finally {
            busy.current = false;
            redraw((value) => value + 1);
        }
        if ((held.current?.items.length ?? 0) < wanted.current * pageSize && !held.current?.complete) void more();
    }, [path]);

    useEffect(() => {
        held.current = held.current?.path === path && round === 0 ? held.current : undefined;
        wanted.current = 1;
        void more();
    }, [path, round, more]);

    const want = useCallback(
        (end: number) => {
            const pages = pagesNeeded(end);
            if (pages <= wanted.current) return;
            wanted.current = pages;
            void more();
        },
        [more],
    );
    const list = held.current;
    return { items: list?.items ?? [], total: list?.total ?? 0, loading: !list && !error, error, at: list?.at ?? 0, want, reload: () => setRound((value) => value + 1) };
}
