// The hop tree around one site: what hangs behind it, what stands beside it, and where every box goes.

import type { SiteView, TopologyLink } from "../api/types";

export interface Graph {
    parent: ReadonlyMap<string, string>;
    children: ReadonlyMap<string, readonly string[]>;
    /// The link towards the parent, by child.
    uplink: ReadonlyMap<string, TopologyLink>;
}

/// A feeder carries power; all else that names the end nearer the core carries traffic, links confirmed from outages as well.
const carries = (link: TopologyLink): boolean => link.kind !== "feeder";
export const other = (link: TopologyLink, id: string): string => (link.a === id ? link.b : link.a);

export function buildGraph(links: readonly TopologyLink[]): Graph {
    const parent = new Map<string, string>();
    const uplink = new Map<string, TopologyLink>();
    const children = new Map<string, string[]>();
    for (const link of links) {
        if (!carries(link) || !link.parent) continue;
        const child = other(link, link.parent);
        if (child === link.parent || parent.has(child)) continue;
        parent.set(child, link.parent);
        uplink.set(child, link);
        const list = children.get(link.parent);
        if (list) list.push(child);
        else children.set(link.parent, [child]);
    }
    for (const list of children.values()) list.sort();
    return { parent, children, uplink };
}

/// Everything that reaches the core only through `id`, itself first; a loop in the data ends the walk.
export function behind(graph: Graph, id: string): string[] {
    const seen = new Set([id]);
    const queue = [id];
    for (let at = 0; at < queue.length; at += 1)
        for (const child of graph.children.get(queue[at] as string) ?? [])
            if (!seen.has(child)) {
                seen.add(child);
                queue.push(child);
            }
    return queue;
}

export function pathUp(graph: Graph, id: string): string[] {
    const path: string[] = [];
    let at = graph.parent.get(id);
    while (at !== undefined && !path.includes(at) && path.length < 12) {
        path.push(at);
        at = graph.parent.get(at);
    }
    return path;
}

/// Where to begin: the site asked for, else the one in trouble with most behind it, else the largest hub.
export function defaultRoot(sites: readonly SiteView[], graph: Graph): string | undefined {
    const weight = (site: SiteView) => behind(graph, site.site.site_id).length - 1;
    const linked = sites.filter((site) => graph.parent.has(site.site.site_id) || graph.children.has(site.site.site_id));
    const troubled = linked.filter((site) => site.state !== "in_service" && graph.children.has(site.site.site_id));
    const pick = (list: readonly SiteView[]) => list.reduce<SiteView | undefined>((best, site) => (!best || weight(site) > weight(best) ? site : best), undefined);
    return (pick(troubled) ?? pick(linked) ?? sites[0])?.site.site_id;
}

export interface TreeBox {
    id: string;
    column: number;
    x: number;
    y: number;
    width: number;
    /// A fold: `id` is empty and this many are inside.
    folded: number;
    inBlast: boolean;
}

export interface TreeWire {
    from: TreeBox;
    to: TreeBox;
    link: TopologyLink | undefined;
}

export interface TreeLayout {
    boxes: TreeBox[];
    wires: TreeWire[];
    width: number;
    height: number;
    columns: number[];
    blast: { x: number; y: number; width: number; height: number } | null;
}

export const boxHeight = 54;
const rowGap = 12;
const foldAfter = 40;
const besideMost = 2;

/// Columns from the core to the leaves; children beyond 40, and neighbours beyond two, fold into "+ n".
export function layoutTree(graph: Graph, focus: string, importance: (id: string) => number): TreeLayout {
    const top = graph.parent.get(focus) ?? focus;
    const columnWidths = [166, 198, 184, 168];
    const gaps = [80, 124, 44];
    const starts: number[] = [];
    const startOf = (column: number): number => {
        while (starts.length <= column) {
            const last = starts.length - 1;
            starts.push(last < 0 ? 20 : (starts[last] as number) + (columnWidths[last] ?? 168) + (gaps[last] ?? 44));
        }
        return starts[column] as number;
    };
    const boxes: TreeBox[] = [];
    const wires: TreeWire[] = [];
    const blast = new Set(behind(graph, focus));
    let y = 34;
    const take = (): number => {
        const at = y;
        y += boxHeight + rowGap;
        return at;
    };
    const shownChildren = (id: string): { ids: string[]; folded: number } => {
        const all = [...(graph.children.get(id) ?? [])];
        if (blast.has(id)) return { ids: all.slice(0, foldAfter), folded: Math.max(0, all.length - foldAfter) };
        const most = id === top ? besideMost : 1;
        const ranked = all.filter((child) => child !== focus).sort((one, two) => importance(two) - importance(one) || (one < two ? -1 : 1));
        const kept = ranked.slice(0, most);
        if (id === top && id !== focus) kept.splice(Math.ceil(kept.length / 2), 0, focus);
        return { ids: kept, folded: ranked.length - Math.min(most, ranked.length) };
    };
    const visit = (id: string, column: number, seen: ReadonlySet<string>): TreeBox => {
        const next = new Set(seen).add(id);
        const { ids, folded } = column > 6 ? { ids: [], folded: 0 } : shownChildren(id);
        const under = ids.filter((child) => !next.has(child)).map((child) => visit(child, column + 1, next));
        const width = columnWidths[column] ?? 168;
        if (folded > 0) {
            const fold: TreeBox = { id: "", column: column + 1, x: startOf(column + 1), y: take(), width: 76, folded, inBlast: blast.has(id) };
            boxes.push(fold);
            under.push(fold);
        }
        const first = under[0];
        const last = under[under.length - 1];
        const box: TreeBox = { id, column, x: startOf(column), y: first && last ? (first.y + last.y) / 2 : take(), width, folded: 0, inBlast: blast.has(id) };
        boxes.push(box);
        for (const child of under) wires.push({ from: box, to: child, link: child.id ? graph.uplink.get(child.id) : undefined });
        return box;
    };
    visit(top, 0, new Set());
    const inside = boxes.filter((box) => box.inBlast);
    const right = Math.max(...boxes.map((box) => box.x + box.width));
    const area = inside.length > 1 ? { x: Math.min(...inside.map((box) => box.x)) - 16, y: Math.min(...inside.map((box) => box.y)) - 16, right: Math.max(...inside.map((box) => box.x + box.width)) + 16, bottom: Math.max(...inside.map((box) => box.y)) + boxHeight + 14 } : null;
    return {
        boxes,
        wires,
        width: right + 24,
        height: Math.max(y, boxHeight + 32) + 8,
        columns: starts.slice(0, Math.max(...boxes.map((box) => box.column)) + 1),
        blast: area ? { x: area.x, y: area.y, width: area.right - area.x, height: area.bottom - area.y } : null,
    };
}
