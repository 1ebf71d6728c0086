// Which rows of a long list are drawn, and which pages of it are asked for. Fixed row heights; never more than 60 rows.

export interface WindowOf {
    /// First row drawn and the row after the last.
    first: number;
    end: number;
    /// Rows really in sight, for "showing 1 to 24".
    seenFirst: number;
    seenEnd: number;
}

export const mostRows = 60;

export function windowOf(scrollTop: number, viewHeight: number, rowHeight: number, total: number): WindowOf {
    const seenFirst = Math.min(Math.max(0, Math.floor(scrollTop / rowHeight)), Math.max(0, total - 1));
    const inView = Math.ceil(viewHeight / rowHeight);
    const seenEnd = Math.min(total, seenFirst + inView);
    // Two screens of overscan, shared above and below, within the bound on rows in the document.
    const spare = Math.max(0, Math.min(inView * 2, mostRows - inView));
    const above = Math.min(seenFirst, Math.floor(spare / 2));
    const first = seenFirst - above;
    const end = Math.min(total, seenEnd + spare - above, first + mostRows);
    return { first, end, seenFirst, seenEnd };
}

export const pageSize = 200;

/// Browsers stop at about 17 million pixels: 100,000 rows of 34 px fit, more are scaled.
export const scrollHeight = (total: number, rowHeight: number): number => Math.min(total * rowHeight, 12_000_000);

/// Pages in order because a cursor is only known after the page before it: how many must be held for this window.
export const pagesNeeded = (end: number): number => Math.max(1, Math.ceil(end / pageSize));

/// Row moved to when a key is pressed.
export function moveRow(at: number, key: string, inView: number, total: number): number {
    const last = Math.max(0, total - 1);
    switch (key) {
        case "ArrowDown":
        case "j":
            return Math.min(last, at + 1);
        case "ArrowUp":
        case "k":
            return Math.max(0, at - 1);
        case "PageDown":
            return Math.min(last, at + inView);
        case "PageUp":
            return Math.max(0, at - inView);
        case "Home":
            return 0;
        case "End":
            return last;
        default:
            return at;
    }
}
