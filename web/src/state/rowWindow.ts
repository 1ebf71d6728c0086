// The rows of a long list that are in sight, and moving through them by key.

import { useEffect, useRef, useState, type RefObject, type UIEvent } from "react";
import { moveRow, windowOf, type WindowOf } from "../logic/window";

/// What stays over the rows at the top: the head of the table.
const headHeight = 32;

export interface RowWindow {
    /// For the element that scrolls.
    frame: { ref: RefObject<HTMLDivElement>; onScroll: (event: UIEvent<HTMLDivElement>) => void };
    view: WindowOf;
    /// The row a key leads to from `at`, brought into sight by `show`.
    move: (at: number, key: string) => number;
    show: (row: number) => void;
    toTop: () => void;
}

/// `isThere`: changes when the scrolling element comes into the document or leaves it.
export function useRowWindow(total: number, rowHeight: number, isThere: boolean): RowWindow {
    const scroller = useRef<HTMLDivElement>(null);
    const [scroll, setScroll] = useState({ top: 0, height: 600 });
    useEffect(() => {
        const node = scroller.current;
        if (!node) return;
        const measure = () => setScroll({ top: node.scrollTop, height: node.clientHeight });
        measure();
        const observer = new ResizeObserver(measure);
        observer.observe(node);
        return () => observer.disconnect();
    }, [isThere]);
    return {
        frame: { ref: scroller, onScroll: (event) => setScroll({ top: event.currentTarget.scrollTop, height: event.currentTarget.clientHeight }) },
        view: windowOf(scroll.top, scroll.height, rowHeight, total),
        move: (at, key) => moveRow(at, key, Math.floor(scroll.height / rowHeight), total),
        show: (row) => {
            const node = scroller.current;
            if (!node) return;
            if (row * rowHeight < node.scrollTop) node.scrollTop = row * rowHeight;
            else if ((row + 1) * rowHeight > node.scrollTop + node.clientHeight - headHeight) node.scrollTop = (row + 1) * rowHeight - node.clientHeight + headHeight;
        },
        toTop: () => scroller.current?.scrollTo(0, 0),
    };
}
