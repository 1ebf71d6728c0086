// The fleet on one canvas over a plain projection: no tiles, so no request leaves the origin and 10,000 sites stay smooth.

import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import type { IncidentView, SiteView, TopologyLink } from "../api/types";
import { around, fit, GridIndex, placeCallout, project, zoom, type Box, type Circle, type Point, type View } from "../logic/mapView";
import { Link, navigate } from "../router/router";
import { useSize } from "../state/hooks";
import { useTheme } from "../state/theme";
import { t } from "../text";
import { draw, type MapLayer } from "./fleetMapDraw";
import { SeverityMark, StateMark, stateWord } from "./marks";

export interface Callout {
    incident: IncidentView;
    title: string;
    detail: string;
}

interface Props {
    sites: readonly SiteView[];
    links?: readonly TopologyLink[];
    layer: MapLayer;
    callouts: readonly Callout[];
    /// Boxes that callouts keep clear of: legend, buttons.
    keepClear?: (width: number, height: number) => Box[];
}

const calloutSize = { width: 232, height: 44 };
const located = (site: SiteView): site is SiteView & { site: { lat: number; lon: number } } => site.site.lat !== undefined && site.site.lon !== undefined;

/// Redraws for new data at most once per 250 ms; a hand on the map is followed at once.
function useSlow<T>(value: T, gap = 250): T {
    const [shown, setShown] = useState(value);
    const last = useRef(0);
    useEffect(() => {
        const wait = Math.max(0, gap - (Date.now() - last.current));
        const timer = window.setTimeout(() => {
            last.current = Date.now();
            setShown(value);
        }, wait);
        return () => window.clearTimeout(timer);
    }, [value, gap]);
    return shown;
}

export function FleetMap({ sites: given, links, layer, callouts, keepClear }: Props) {
    const [attach, { width, height }] = useSize<HTMLDivElement>();
    const canvas = useRef<HTMLCanvasElement>(null);
    const theme = useTheme();
    const sites = useSlow(given);
    const [moved, setMoved] = useState<View | null>(null);
    const [hover, setHover] = useState<{ site: SiteView; at: Point } | null>(null);
    const places = useMemo(() => sites.filter(located), [sites]);
    const home = useMemo(() => fit(places.map((each) => each.site as { lat: number; lon: number }), width, height), [places, width, height]);
    const view = moved ?? home;
    const limits = useMemo(() => ({ least: home.scale * 0.6, most: home.scale * 60 }), [home.scale]);

    const index = useMemo(() => {
        const grid = new GridIndex<SiteView>();
        for (const site of places) grid.add(project(view, site.site), site);
        return grid;
    }, [places, view]);

    const marked = useMemo(() => {
        const byID = new Map(places.map((site) => [site.site.site_id, site]));
        const taken: Box[] = keepClear?.(width, height) ?? [];
        const area = { x: 8, y: 8, width: width - 16, height: height - 16 };
        return callouts.flatMap((callout) => {
            const points = callout.incident.snapshot.affected_sites.flatMap((each) => {
                const site = byID.get(each.site_id);
                return site ? [project(view, site.site)] : [];
            });
            if (points.length === 0) return [];
            const circle: Circle = around(points);
            if (circle.radius > Math.max(width, height)) return [];
            const box = placeCallout(circle, calloutSize.width, calloutSize.height, area, taken);
            if (box) taken.push(box, { x: circle.x - circle.radius, y: circle.y - circle.radius, width: circle.radius * 2, height: circle.radius * 2 });
            return [{ ...callout, circle, box }];
        });
    }, [callouts, places, view, width, height, keepClear]);

    useEffect(() => {
        const context = canvas.current?.getContext("2d");
        if (!context || width === 0) return;
        draw(context, { width, height, view, sites: places, links: links ?? [], layer, marked });
    }, [width, height, view, places, links, layer, marked, theme]);

    const pointers = useRef(new Map<number, Point>());
    const dragged = useRef(false);
    const spot = (event: { clientX: number; clientY: number }): Point => {
        const frame = canvas.current?.getBoundingClientRect();
        return { x: event.clientX - (frame?.left ?? 0), y: event.clientY - (frame?.top ?? 0) };
    };
    const onMove = (event: React.PointerEvent) => {
        const at = spot(event);
        const before = pointers.current.get(event.pointerId);
        if (!before) {
            const site = index.nearest(at, 12);
            setHover(site ? { site, at } : null);
            return;
        }
        const others = [...pointers.current.entries()].filter(([id]) => id !== event.pointerId).map(([, point]) => point);
        const other = others[0];
        if (other) {
            const factor = Math.hypot(at.x - other.x, at.y - other.y) / Math.max(1, Math.hypot(before.x - other.x, before.y - other.y));
            setMoved(zoom(view, factor, { x: (at.x + other.x) / 2, y: (at.y + other.y) / 2 }, limits));
        } else {
            if (Math.hypot(at.x - before.x, at.y - before.y) > 3) dragged.current = true;
            setMoved({ ...view, x: view.x + at.x - before.x, y: view.y + at.y - before.y });
        }
        pointers.current.set(event.pointerId, at);
    };
    const onUp = (event: React.PointerEvent) => {
        pointers.current.delete(event.pointerId);
        if (dragged.current) return;
        const site = index.nearest(spot(event), 14);
        if (site) navigate(`/sites/${encodeURIComponent(site.site.site_id)}`);
    };
    const byButton = (factor: number) => setMoved(zoom(view, factor, { x: width / 2, y: height / 2 }, limits));
    const wheel = useCallback(
        (node: HTMLCanvasElement | null) => {
            (canvas as React.MutableRefObject<HTMLCanvasElement | null>).current = node;
            node?.addEventListener("wheel", (event) => event.preventDefault(), { passive: false });
        },
        [],
    );
    return (
        <div className="map" ref={attach}>
            <canvas
                ref={wheel}
                style={{ width, height }}
                aria-hidden="true"
                onPointerDown={(event) => {
                    dragged.current = false;
                    (event.target as Element).setPointerCapture(event.pointerId);
                    pointers.current.set(event.pointerId, spot(event));
                }}
                onPointerMove={onMove}
                onPointerUp={onUp}
                onPointerCancel={(event) => pointers.current.delete(event.pointerId)}
                onPointerLeave={() => setHover(null)}
                onWheel={(event) => setMoved(zoom(view, Math.exp(-event.deltaY / 320), spot(event), limits))}
                onDoubleClick={() => setMoved(null)}
            />
            {marked.map(({ incident, title, detail, box }) =>
                box ? (
                    <Link key={incident.snapshot.incident_id} className="callout" to={`/incidents/${incident.number}`} style={{ left: box.x, top: box.y, width: box.width }}>
                        <SeverityMark severity={incident.snapshot.severity} size={12} />
                        <span>
                            <span className="strong cut">{title}</span>
                            <span className="meta cut">{detail}</span>
                        </span>
                    </Link>
                ) : null,
            )}
            {given.length > 0 && places.length === 0 && sites.length > 0 && <p className="second map-none">{t("map.none")}</p>}
            {hover && (
                <div className="map-tip" style={{ left: Math.min(hover.at.x + 12, width - 190), top: Math.max(8, hover.at.y - 46) }}>
                    <span className="row">
                        <StateMark state={hover.site.state} size={12} quiet />
                        <span className="strong cut">{hover.site.site.name}</span>
                    </span>
                    <span className="meta">{hover.site.state_reason || stateWord(hover.site.state)}</span>
                </div>
            )}
            <div className="map-zoom">
                <button onClick={() => byButton(1.5)} aria-label={t("map.in")}>
                    +
                </button>
                <button onClick={() => byButton(1 / 1.5)} aria-label={t("map.out")}>
                    −
                </button>
            </div>
        </div>
    );
}
