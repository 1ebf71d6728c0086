// What the map paints, in order: graticule, links, healthy dots in one path, incident circles, marks by rising severity.

import type { SiteView, TopologyLink } from "../api/types";
import { graticuleStep, project, unproject, type Box, type Circle, type Point, type View } from "../logic/mapView";
import { token } from "../state/theme";
import { canvasShapes, stateSeverity } from "./marks";

export type MapLayer = "service" | "power" | "backhaul";

interface Scene {
    width: number;
    height: number;
    view: View;
    sites: readonly SiteView[];
    links: readonly TopologyLink[];
    layer: MapLayer;
    marked: readonly { circle: Circle; box: Box | null; incident: { snapshot: { severity: keyof typeof canvasShapes | "cleared" } } }[];
}

const order = ["blind", "watch", "on_battery", "degraded", "down"] as const;
const paths = Object.fromEntries(Object.entries(canvasShapes).map(([name, shape]) => [name, new Path2D(shape.path)])) as Record<keyof typeof canvasShapes, Path2D>;

function graticule(context: CanvasRenderingContext2D, { width, height, view }: Scene): void {
    const step = graticuleStep(view.scale);
    const northWest = unproject(view, { x: 0, y: 0 });
    const southEast = unproject(view, { x: width, y: height });
    context.strokeStyle = token("line");
    context.globalAlpha = 0.55;
    context.lineWidth = 1;
    context.beginPath();
    for (let lon = Math.ceil(northWest.lon / step) * step; lon < southEast.lon; lon += step) {
        const x = Math.round(project(view, { lat: 0, lon }).x) + 0.5;
        context.moveTo(x, 0);
        context.lineTo(x, height);
    }
    for (let lat = Math.ceil(southEast.lat / step) * step; lat < northWest.lat; lat += step) {
        const y = Math.round(project(view, { lat, lon: 0 }).y) + 0.5;
        context.moveTo(0, y);
        context.lineTo(width, y);
    }
    context.stroke();
    context.globalAlpha = 1;
}

function linkLines(context: CanvasRenderingContext2D, scene: Scene): void {
    const at = new Map(scene.sites.map((site) => [site.site.site_id, site]));
    for (const broken of [false, true]) {
        context.beginPath();
        for (const link of scene.links) {
            const [a, b] = [at.get(link.a), at.get(link.b)];
            if (!a || !b || link.kind === "feeder" || link.kind === "adjacent") continue;
            if ((a.state === "down" || b.state === "down") !== broken) continue;
            const [from, to] = [project(scene.view, a.site as never), project(scene.view, b.site as never)];
            context.moveTo(from.x, from.y);
            context.lineTo(to.x, to.y);
        }
        context.strokeStyle = token(broken ? "critical" : "control");
        context.globalAlpha = broken ? 0.9 : 0.5;
        context.setLineDash(broken ? [2, 3] : []);
        context.stroke();
    }
    context.globalAlpha = 1;
    context.setLineDash([]);
}

function circles(context: CanvasRenderingContext2D, scene: Scene): void {
    for (const { circle, box, incident } of scene.marked) {
        const colour = token(incident.snapshot.severity);
        context.beginPath();
        context.arc(circle.x, circle.y, circle.radius, 0, Math.PI * 2);
        context.fillStyle = colour;
        context.globalAlpha = 0.09;
        context.fill();
        context.globalAlpha = 0.8;
        context.strokeStyle = colour;
        context.lineWidth = 1.2;
        context.stroke();
        context.globalAlpha = 1;
        if (!box) continue;
        const nearX = Math.max(box.x, Math.min(circle.x, box.x + box.width));
        const nearY = Math.max(box.y, Math.min(circle.y, box.y + box.height));
        const angle = Math.atan2(nearY - circle.y, nearX - circle.x);
        context.beginPath();
        context.moveTo(circle.x + Math.cos(angle) * circle.radius, circle.y + Math.sin(angle) * circle.radius);
        context.lineTo(nearX, nearY);
        context.strokeStyle = token("control");
        context.stroke();
    }
}

function mark(context: CanvasRenderingContext2D, at: Point, severity: keyof typeof canvasShapes, size: number): void {
    const shape = canvasShapes[severity];
    const colour = token(severity);
    context.save();
    context.translate(at.x, at.y);
    context.scale(size / 14, size / 14);
    context.lineWidth = 4.5;
    context.strokeStyle = token("canvas");
    context.stroke(paths[severity]);
    if (shape.fill) {
        context.fillStyle = colour;
        context.fill(paths[severity]);
    } else {
        context.setLineDash(shape.dash ?? []);
        context.lineWidth = 1.9;
        context.strokeStyle = colour;
        context.stroke(paths[severity]);
    }
    if (severity === "critical") {
        context.strokeStyle = token("canvas");
        context.lineWidth = 1.6;
        context.beginPath();
        context.moveTo(0, -3.2);
        context.lineTo(0, 0.6);
        context.moveTo(0, 2.6);
        context.lineTo(0, 3.2);
        context.stroke();
    }
    context.restore();
}

/// Equal neighbours inside one 15 px cell become one mark with a number; abnormal sites are never clustered otherwise.
function marks(context: CanvasRenderingContext2D, scene: Scene): void {
    for (const state of order) {
        const severity = stateSeverity[state] as keyof typeof canvasShapes;
        const cells = new Map<string, { at: Point; count: number; hub: boolean }>();
        for (const site of scene.sites) {
            if (site.state !== state || (scene.layer === "power" && (state === "blind" || state === "watch"))) continue;
            const at = project(scene.view, site.site as never);
            if (at.x < -20 || at.y < -20 || at.x > scene.width + 20 || at.y > scene.height + 20) continue;
            const key = `${Math.round(at.x / 15)},${Math.round(at.y / 15)}`;
            const cell = cells.get(key);
            if (cell) cell.count += 1;
            else cells.set(key, { at, count: 1, hub: site.site.is_hub });
        }
        for (const { at, count, hub } of cells.values()) {
            mark(context, at, severity, hub ? 15 : 12);
            if (count < 2) continue;
            context.font = "600 11px Inter, system-ui, sans-serif";
            context.fillStyle = token("text-1");
            context.textAlign = "left";
            context.fillText(String(count), at.x + 8, at.y + 4);
        }
    }
}

function regionNames(context: CanvasRenderingContext2D, scene: Scene): void {
    const sums = new Map<string, { x: number; y: number; count: number; top: number }>();
    for (const site of scene.sites) {
        if (!site.site.region) continue;
        const at = project(scene.view, site.site as never);
        const sum = sums.get(site.site.region) ?? { x: 0, y: 0, count: 0, top: Infinity };
        sum.x += at.x;
        sum.y += at.y;
        sum.count += 1;
        sums.set(site.site.region, sum);
    }
    context.font = "500 12px Inter, system-ui, sans-serif";
    context.textAlign = "center";
    context.lineJoin = "round";
    for (const [name, sum] of sums) {
        const [x, y] = [sum.x / sum.count, sum.y / sum.count - 20];
        context.strokeStyle = token("canvas");
        context.lineWidth = 4;
        context.strokeText(name, x, y);
        context.fillStyle = token("text-2");
        context.fillText(name, x, y);
    }
}

export function draw(context: CanvasRenderingContext2D, scene: Scene): void {
    const ratio = Math.min(3, window.devicePixelRatio || 1);
    const { canvas } = context;
    if (canvas.width !== Math.round(scene.width * ratio) || canvas.height !== Math.round(scene.height * ratio)) {
        canvas.width = Math.round(scene.width * ratio);
        canvas.height = Math.round(scene.height * ratio);
    }
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, scene.width, scene.height);
    graticule(context, scene);
    if (scene.layer === "backhaul") linkLines(context, scene);
    context.beginPath();
    const radius = scene.sites.length > 1500 ? 1 : scene.sites.length > 300 ? 1.5 : 2.4;
    for (const site of scene.sites) {
        if (site.state !== "in_service") continue;
        const { x, y } = project(scene.view, site.site as never);
        context.moveTo(x + radius, y);
        context.arc(x, y, radius, 0, 7);
    }
    context.fillStyle = token("idle");
    context.fill();
    regionNames(context, scene);
    circles(context, scene);
    marks(context, scene);
}
