// Where the causal timeline puts lanes, nodes, labels and edges. Pure: times in, pixels out.

import type { CausalEdge, Knowledge, Lane, TimelineNode } from "../api/types";
import { overlaps, type Box } from "./mapView";
import { ticks, timeScale, type Tick, type TimeScale } from "./timeScale";

export interface LaidNode {
    node: TimelineNode;
    x: number;
    y: number;
    /// Where its two lines of text go; `null` when there is no room (the list has them).
    label: { x: number; y: number; anchor: "start" | "end"; /** From the first line to the second. */ leading: number } | null;
}

export interface LaidEdge {
    key: string;
    path: string;
    knowledge: Knowledge;
    lag: { x: number; y: number; anchor: "start" | "middle"; seconds: number } | null;
}

export interface LaidLane {
    lane: Lane;
    y: number;
    height: number;
}

export interface Layout {
    height: number;
    lanes: LaidLane[];
    nodes: LaidNode[];
    edges: LaidEdge[];
    scale: TimeScale;
    ticks: Tick[];
    /// Bus voltage as a path in the battery lane, its prediction, and the threshold it falls to.
    curve: { reported: string; predicted: string; thresholdY: number | null } | null;
}

export interface LayoutInput {
    nodes: readonly TimelineNode[];
    edges: readonly CausalEdge[];
    now: number;
    width: number;
    gutter: number;
    labelOf: (node: TimelineNode) => { title: string; detail: string };
    voltage?: readonly (readonly [number, number])[];
    zoom?: readonly [number, number] | undefined;
    /// Nodes that are over need no place for the future.
    ended?: number | undefined;
}

export const laneOrder: readonly Lane[] = ["grid", "generator", "battery", "environment", "radio", "backhaul", "site"];
const axisHeight = 34;
const rowHeight = 42;
const curveHeight = 118;
const mostRows = 4;

export const textWidth = (title: string, detail: string): number => Math.max(title.length * 6.9, detail.length * 6.1);

interface Curve {
    y: (at: number) => number;
    points: { x: number; y: number }[];
    thresholdY: number;
}

function curveOf(voltage: readonly (readonly [number, number])[], scale: TimeScale, top: number): Curve | null {
    const seen = voltage.filter(([at]) => scale.x(at) >= scale.left - 400 && scale.x(at) <= scale.right);
    if (seen.length < 2) return null;
    const values = seen.map(([, value]) => value);
    const [low, high] = [Math.min(...values), Math.max(...values)];
    const span = Math.max(2, high - low);
    const height = curveHeight - 50;
    const toY = (value: number) => top + 16 + ((high - value) / span) * height;
    const points = seen.map(([at, value]) => ({ at, x: scale.x(at), y: toY(value) }));
    const y = (at: number): number => {
        const after = points.findIndex((point) => point.at >= at);
        if (after < 0) return points[points.length - 1]?.y ?? top;
        const next = points[after];
        const before = points[after - 1];
        if (!next || !before) return next?.y ?? top;
        return before.y + ((next.y - before.y) * (at - before.at)) / Math.max(1, next.at - before.at);
    };
    return { y, points, thresholdY: top + 16 + height + 16 };
}

/// Rows inside an ordinary lane: a label stands right of its dot, else left, else a row lower.
/// What has happened keeps its words left of `barrier` (now) where it can, so that the future stays readable.
function packLane(nodes: readonly { node: TimelineNode; x: number; width: number }[], scale: TimeScale, barrier: number): { rows: number; placed: Map<string, { row: number; side: "start" | "end" | null }> } {
    const taken: [number, number][][] = [];
    const placed = new Map<string, { row: number; side: "start" | "end" | null }>();
    const free = (row: number, from: number, to: number) => (taken[row] ?? []).every(([a, b]) => to < a || from > b);
    for (const { node, x, width } of nodes) {
        let done = false;
        for (let row = 0; row < mostRows && !done; row += 1) {
            const right: [number, number] = [x - 10, x + 14 + width];
            const left: [number, number] = [x - 14 - width, x + 10];
            const rightFits = right[1] <= scale.right && free(row, ...right);
            const leftFits = left[0] >= scale.left && free(row, ...left);
            const crosses = x < barrier && right[1] > barrier;
            const fits = rightFits && !(crosses && leftFits) ? "start" : leftFits ? "end" : null;
            if (!fits) continue;
            (taken[row] ??= []).push(fits === "start" ? right : left);
            placed.set(node.node_id, { row, side: fits });
            done = true;
        }
        if (!done) placed.set(node.node_id, { row: 0, side: null });
    }
    return { rows: Math.max(1, taken.length), placed };
}

/// Labels along the voltage: the first of six places that touches no label, no edge of the plot and not the line itself.
function placeOnCurve(x: number, y: number, width: number, bounds: Box, taken: readonly Box[], curve: Curve): { box: Box; anchor: "start" | "end" } | null {
    const height = 31;
    const candidates: { x: number; y: number; anchor: "start" | "end" }[] = [
        { x: x + 12, y: y + 9, anchor: "start" },
        { x: x + 10, y: y - height - 8, anchor: "start" },
        { x: x - 10 - width, y: y - height - 8, anchor: "end" },
        { x: x - 12 - width, y: y + 9, anchor: "end" },
        { x: x + 14, y: y - height / 2, anchor: "start" },
        { x: x - 14 - width, y: y - height / 2, anchor: "end" },
    ];
    const inside = (box: Box) => box.x >= bounds.x && box.x + box.width <= bounds.x + bounds.width && box.y >= bounds.y && box.y + box.height <= bounds.y + bounds.height;
    const clear = (box: Box) => !curve.points.some((point) => point.x > box.x && point.x < box.x + box.width && point.y > box.y && point.y < box.y + box.height);
    for (const strict of [true, false])
        for (const candidate of candidates) {
            const box = { x: candidate.x, y: candidate.y, width, height };
            if (inside(box) && !taken.some((other) => overlaps(box, other)) && (!strict || clear(box))) return { box, anchor: candidate.anchor };
        }
    return null;
}

function edgePath(from: LaidNode, to: LaidNode, between: number): { path: string; level: number } {
    const r = 8;
    const [dx, dy] = [to.x - from.x, to.y - from.y];
    const down = Math.sign(dy) || 1;
    if (Math.abs(dy) < 6) return { path: `M${from.x + r} ${from.y}L${to.x - r} ${to.y}`, level: dx };
    if (Math.abs(dx) < 34) {
        if (between === 0) return { path: `M${from.x} ${from.y + down * r}L${to.x} ${to.y - down * r}`, level: 0 };
        const bow = Math.min(from.x, to.x) - 15;
        return { path: `M${from.x - 5} ${from.y + down * 6}C${bow} ${from.y + dy * 0.3} ${bow} ${to.y - dy * 0.3} ${to.x - 5} ${to.y - down * 6}`, level: 0 };
    }
    const turn = Math.min(30, Math.abs(dy) - r, Math.abs(dx) - r);
    const side = Math.sign(dx);
    return { path: `M${from.x + side * r} ${from.y}H${to.x - side * turn}Q${to.x} ${from.y} ${to.x} ${from.y + down * turn}V${to.y - down * r}`, level: dx - turn };
}

export function layoutTimeline(input: LayoutInput): Layout {
    const { width, now, zoom } = input;
    const right = width - 10;
    const texts = new Map(input.nodes.map((node) => [node.node_id, input.labelOf(node)]));
    const widthOf = (node: TimelineNode) => {
        const text = texts.get(node.node_id);
        return Math.min(230, textWidth(text?.title ?? "", text?.detail ?? ""));
    };
    const times = input.nodes.map((node) => Date.parse(node.at));
    const end = input.ended ?? now;
    const newest = Math.max(end, ...times);
    const lastNodes = input.nodes.filter((node) => Date.parse(node.at) > newest - (newest - Math.min(...times, end)) * 0.12);
    const reserve = Math.min(width * 0.24, Math.max(24, ...lastNodes.filter((node) => node.knowledge === "predicted").map((node) => widthOf(node) + 22)));
    const scale = timeScale({ times, now: end, left: input.gutter, right, reserve, zoom });

    const sorted = [...input.nodes].sort((one, two) => Date.parse(one.at) - Date.parse(two.at) || (one.node_id < two.node_id ? -1 : 1));
    const lanes: LaidLane[] = [];
    const laid = new Map<string, LaidNode>();
    const boxes: Box[] = [];
    let curve: Layout["curve"] = null;
    let y = axisHeight;
    for (const lane of laneOrder) {
        const members = sorted.filter((node) => node.lane === lane).map((node) => ({ node, x: scale.x(Date.parse(node.at)), width: widthOf(node) }));
        const shown = members.filter(({ x }) => x >= input.gutter - 1 && x <= right + 1);
        const line = lane === "battery" && input.voltage ? curveOf(input.voltage, scale, y) : null;
        if (members.length === 0 && !line) continue;
        if (line) {
            const bounds = { x: scale.left, y: y + 2, width: right - scale.left, height: curveHeight + 6 };
            const toThreshold: { x: number; y: number }[] = [];
            for (const { node, x, width: textWide } of shown) {
                const at = Date.parse(node.at);
                const nodeY = node.knowledge === "predicted" ? line.thresholdY : line.y(at);
                if (node.knowledge === "predicted") toThreshold.push({ x, y: nodeY });
                boxes.push({ x: x - 7, y: nodeY - 7, width: 14, height: 14 });
                const spot = placeOnCurve(x, nodeY, textWide, bounds, boxes, line);
                if (spot) boxes.push(spot.box);
                laid.set(node.node_id, { node, x, y: nodeY, label: spot ? { x: spot.anchor === "start" ? spot.box.x : spot.box.x + textWide, y: spot.box.y + 12, anchor: spot.anchor, leading: 15 } : null });
            }
            const inPlot = line.points.filter((point) => point.x >= scale.left);
            const lastPoint = inPlot[inPlot.length - 1];
            const goal = toThreshold[0];
            curve = {
                reported: inPlot.map((point, index) => `${index ? "L" : "M"}${point.x.toFixed(1)} ${point.y.toFixed(1)}`).join(""),
                predicted: lastPoint && goal && goal.x > lastPoint.x ? `M${lastPoint.x.toFixed(1)} ${lastPoint.y.toFixed(1)}L${goal.x.toFixed(1)} ${goal.y.toFixed(1)}` : "",
                thresholdY: goal ? line.thresholdY : null,
            };
            lanes.push({ lane, y, height: curveHeight + 12 });
            y += curveHeight + 12;
            continue;
        }
        const { rows, placed } = packLane(shown, scale, input.ended === undefined ? scale.x(now) - 4 : Infinity);
        for (const { node, x, width: textWide } of shown) {
            const { row, side } = placed.get(node.node_id) ?? { row: 0, side: null };
            const nodeY = y + 24 + row * rowHeight;
            const label = side ? { x: side === "start" ? x + 14 : x - 14, y: nodeY - 6, anchor: side, leading: 20 } : null;
            boxes.push({ x: x - 7, y: nodeY - 7, width: 14, height: 14 });
            if (label) boxes.push({ x: side === "start" ? label.x : label.x - textWide, y: nodeY - 18, width: textWide, height: 36 });
            laid.set(node.node_id, { node, x, y: nodeY, label });
        }
        lanes.push({ lane, y, height: rows * rowHeight + 10 });
        y += rows * rowHeight + 10;
    }

    const laneIndex = new Map(lanes.map((lane, index) => [lane.lane, index]));
    const edges = input.edges.flatMap((edge): LaidEdge[] => {
        const from = laid.get(edge.from);
        const to = laid.get(edge.to);
        if (!from || !to) return [];
        const apart = Math.abs((laneIndex.get(to.node.lane) ?? 0) - (laneIndex.get(from.node.lane) ?? 0));
        const { path, level } = edgePath(from, to, Math.max(0, apart - 1));
        const spots: { x: number; y: number; anchor: "start" | "middle" }[] = [
            ...(level > 76 ? [{ x: from.x + level / 2, y: (Math.abs(to.y - from.y) < 6 ? from.y : from.y) - 6, anchor: "middle" as const }, { x: from.x + level * 0.8, y: from.y - 6, anchor: "middle" as const }] : []),
            { x: to.x + 9, y: to.y - 17, anchor: "start" },
            { x: to.x + 9, y: (from.y + to.y) / 2 + 4, anchor: "start" },
            { x: to.x + 12, y: to.y + 4, anchor: "start" },
        ];
        const tight = Math.abs(to.x - from.x) < 40 && Math.abs(to.y - from.y) < 6;
        const free = tight ? undefined : spots.find((spot) => {
            const box = { x: spot.anchor === "middle" ? spot.x - 26 : spot.x, y: spot.y - 11, width: 52, height: 13 };
            return box.x + box.width < right && !boxes.some((other) => overlaps(box, other)) && (boxes.push(box), true);
        });
        // Along the voltage the predicted line itself is the edge.
        const alongCurve = curve !== null && from.node.lane === "battery" && to.node.lane === "battery" && to.node.knowledge === "predicted";
        return [{ key: `${edge.from}>${edge.to}`, path: alongCurve ? "" : path, knowledge: to.node.knowledge, lag: free ? { ...free, seconds: edge.lag_seconds } : null }];
    });
    return { height: y, lanes, nodes: [...laid.values()], edges, scale, ticks: ticks(scale), curve };
}
