// Geometry of the map: a plain projection, the view, hit tests and where a callout finds room. No canvas here.

export interface Point {
    x: number;
    y: number;
}

export interface Box {
    x: number;
    y: number;
    width: number;
    height: number;
}

/// Pixels per degree of latitude and the pixel of (0°, 0°).
export interface View {
    scale: number;
    x: number;
    y: number;
    /// Shortening of longitudes at the middle of what is shown.
    squeeze: number;
}

export interface Place {
    lat: number;
    lon: number;
}

export function project(view: View, place: Place): Point {
    return { x: view.x + place.lon * view.scale * view.squeeze, y: view.y - place.lat * view.scale };
}

export function unproject(view: View, point: Point): Place {
    return { lat: (view.y - point.y) / view.scale, lon: (point.x - view.x) / (view.scale * view.squeeze) };
}

/// The view that shows all places inside `width` × `height` with a margin.
export function fit(places: readonly Place[], width: number, height: number, margin = 36): View {
    if (places.length === 0 || width <= 0 || height <= 0) return { scale: 40, x: width / 2, y: height / 2, squeeze: 1 };
    let [south, north, west, east] = [Infinity, -Infinity, Infinity, -Infinity];
    for (const { lat, lon } of places) {
        if (lat < south) south = lat;
        if (lat > north) north = lat;
        if (lon < west) west = lon;
        if (lon > east) east = lon;
    }
    const squeeze = Math.max(0.2, Math.cos((((south + north) / 2) * Math.PI) / 180));
    const high = Math.max(north - south, 0.02);
    const wide = Math.max(east - west, 0.02) * squeeze;
    const scale = Math.min((width - 2 * margin) / wide, (height - 2 * margin) / high);
    return {
        scale,
        squeeze,
        x: width / 2 - ((west + east) / 2) * scale * squeeze,
        y: height / 2 + ((south + north) / 2) * scale,
    };
}

/// Zooms by `factor` and keeps the place under `at` where it is.
export function zoom(view: View, factor: number, at: Point, limits: { least: number; most: number }): View {
    const scale = Math.min(limits.most, Math.max(limits.least, view.scale * factor));
    const real = scale / view.scale;
    return { ...view, scale, x: at.x - (at.x - view.x) * real, y: at.y - (at.y - view.y) * real };
}

/// Step of the graticule in degrees so that lines stand 90 to 240 px apart.
export function graticuleStep(scale: number): number {
    return [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 45].find((step) => step * scale >= 90) ?? 45;
}

/// Points in square cells, for the nearest one within a radius.
export class GridIndex<Item> {
    private readonly cells = new Map<string, { point: Point; item: Item }[]>();
    constructor(private readonly size: number = 24) {}

    add(point: Point, item: Item): void {
        const key = `${Math.floor(point.x / this.size)},${Math.floor(point.y / this.size)}`;
        const cell = this.cells.get(key);
        if (cell) cell.push({ point, item });
        else this.cells.set(key, [{ point, item }]);
    }

    nearest(at: Point, radius: number): Item | undefined {
        let found: Item | undefined;
        let least = radius * radius;
        const reach = Math.ceil(radius / this.size);
        const [cx, cy] = [Math.floor(at.x / this.size), Math.floor(at.y / this.size)];
        for (let dx = -reach; dx <= reach; dx += 1)
            for (let dy = -reach; dy <= reach; dy += 1)
                for (const { point, item } of this.cells.get(`${cx + dx},${cy + dy}`) ?? []) {
                    const distance = (point.x - at.x) ** 2 + (point.y - at.y) ** 2;
                    if (distance > least) continue;
                    least = distance;
                    found = item;
                }
        return found;
    }
}

export interface Circle extends Point {
    radius: number;
}

/// Circle around points with a margin: centre of their box, radius to the farthest.
export function around(points: readonly Point[], margin = 16, least = 24): Circle {
    const xs = points.map((point) => point.x);
    const ys = points.map((point) => point.y);
    const x = (Math.min(...xs) + Math.max(...xs)) / 2;
    const y = (Math.min(...ys) + Math.max(...ys)) / 2;
    const far = Math.max(...points.map((point) => Math.hypot(point.x - x, point.y - y)));
    return { x, y, radius: Math.max(least, far + margin) };
}

export const overlaps = (a: Box, b: Box): boolean => a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;

/// First place beside the circle where a box touches nothing in `taken` and stays inside; `null` when there is none.
export function placeCallout(circle: Circle, width: number, height: number, area: Box, taken: readonly Box[]): Box | null {
    const reach = circle.radius + 22;
    const candidates: Point[] = [
        { x: circle.x + reach, y: circle.y + 8 },
        { x: circle.x - reach - width, y: circle.y - height - 8 },
        { x: circle.x + reach, y: circle.y - height - 8 },
        { x: circle.x - reach - width, y: circle.y + 8 },
        { x: circle.x - width / 2, y: circle.y + reach },
        { x: circle.x - width / 2, y: circle.y - reach - height },
    ];
    for (const { x, y } of candidates) {
        const box = { x, y, width, height };
        const inside = x >= area.x && y >= area.y && x + width <= area.x + area.width && y + height <= area.y + area.height;
        if (inside && !taken.some((other) => overlaps(box, other))) return box;
    }
    return null;
}
