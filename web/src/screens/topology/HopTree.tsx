import type { SiteView } from "../../api/types";
import { Shape, stateSeverity, stateWord } from "../../components/marks";
import { clock, minutes, quantity } from "../../format";
import { remaining } from "../../logic/autonomy";
import { boxHeight, type TreeBox, type TreeLayout, type TreeWire } from "../../logic/hopTree";
import { navigate, setQuery } from "../../router/router";
import { t, type Key } from "../../text";

const cut = (text: string, most: number): string => (text.length > most ? `${text.slice(0, most - 1)}…` : text);

function Wire({ wire, sites, atRisk }: { wire: TreeWire; sites: ReadonlyMap<string, SiteView>; atRisk: boolean }) {
    const { from, to, link } = wire;
    const [x1, y1, x2, y2] = [from.x + from.width, from.y + boxHeight / 2, to.x, to.y + boxHeight / 2];
    const middle = (x1 + x2) / 2;
    const down = sites.get(to.id)?.state === "down" || sites.get(from.id)?.state === "down";
    const look = down ? { stroke: "var(--critical)", strokeDasharray: "2 4" } : atRisk ? { stroke: "var(--major)", strokeDasharray: "6 4" } : { stroke: "var(--control)" };
    const kind = link ? (link.frequency_ghz ? quantity(link.frequency_ghz, "GHz") : t(`link.${link.kind}` as Key)) : "";
    return (
        <g>
            <path d={`M${x1} ${y1}C${middle} ${y1} ${middle} ${y2} ${x2} ${y2}`} fill="none" strokeWidth={link?.kind === "fibre" ? 2.6 : 1.6} {...look} />
            {link && x2 - x1 > 80 && (
                <g textAnchor="end" fontSize={12} className="node-label topo-label">
                    <text x={x2 - 8} y={y2 - 8} fill="var(--text-2)">
                        {kind}
                    </text>
                    {link.length_km !== undefined && (
                        <text x={x2 - 8} y={y2 + 17} fill="var(--text-3)">
                            {quantity(link.length_km, "km")}
                        </text>
                    )}
                </g>
            )}
        </g>
    );
}

function Box({ box, view, focused, cutAt, now }: { box: TreeBox; view: SiteView | undefined; focused: boolean; cutAt: string; now: number }) {
    if (box.folded > 0)
        return (
            <text x={box.x + 4} y={box.y + boxHeight / 2 + 4} fontSize={13} fill="var(--text-2)">
                {t("topology.folded", { n: box.folded })}
            </text>
        );
    const state = view?.state ?? "in_service";
    const severity = stateSeverity[state];
    const left = view?.autonomy ? remaining(view.autonomy, now) : undefined;
    const stroke = focused ? "var(--accent)" : severity ? `var(--${severity})` : "var(--line-strong)";
    const name = view?.site.name ?? box.id;
    const corner = left ? minutes(left.p50) : state === "down" ? stateWord("down").toLowerCase() : cutAt && !focused ? cutAt : "";
    const detail = view?.state_reason || view?.site.operators.join(", ") || t("topology.unknownSite");
    return (
        <g
            className="tree-box"
            tabIndex={0}
            role="link"
            aria-label={`${name}, ${stateWord(state)}, ${detail}`}
            onClick={() => (focused ? navigate(`/sites/${encodeURIComponent(box.id)}`) : setQuery({ root: box.id }))}
            onKeyDown={(event) => {
                if (event.key !== "Enter") return;
                event.stopPropagation();
                if (focused) navigate(`/sites/${encodeURIComponent(box.id)}`);
                else setQuery({ root: box.id });
            }}
        >
            <title>{`${name}: ${detail}`}</title>
            <rect x={box.x} y={box.y} width={box.width} height={boxHeight} rx={8} fill={focused ? "var(--accent-tint)" : "var(--surface)"} stroke={stroke} strokeWidth={focused ? 2 : 1.2} />
            {severity ? (
                <g transform={`translate(${box.x + 12} ${box.y + 12})`}>
                    <Shape severity={severity} size={13} />
                </g>
            ) : (
                <circle cx={box.x + 18} cy={box.y + 19} r={4} fill="var(--idle)" />
            )}
            <text x={box.x + 33} y={box.y + 23} fontSize={13} fontWeight={600} fill="var(--text-1)">
                {cut(name, Math.floor((box.width - 40 - corner.length * 7.4) / 7.2))}
            </text>
            {corner && (
                <text x={box.x + box.width - 11} y={box.y + 23} fontSize={13} fontWeight={600} textAnchor="end" fill={severity ? `var(--${severity})` : "var(--text-2)"}>
                    {corner}
                </text>
            )}
            <text x={box.x + 33} y={box.y + 41} fontSize={12} fill="var(--text-3)">
                {cut(detail, Math.floor((box.width - 42) / 6.5))}
            </text>
        </g>
    );
}

/// Core to leaves, left to right; the dashed frame holds what is lost together with the site in focus.
export function HopTree({ layout, focus, sites, now }: { layout: TreeLayout; focus: string; sites: ReadonlyMap<string, SiteView>; now: number }) {
    const root = sites.get(focus);
    const troubled = root !== undefined && root.state !== "in_service";
    const left = root?.autonomy ? remaining(root.autonomy, now) : undefined;
    const cutAt = left ? clock(left.at50) : "";
    const focusColumn = layout.boxes.find((box) => box.id === focus)?.column ?? 1;
    return (
        <div className="tree-scroll">
            <svg width={layout.width} height={layout.height + 34} role="group" aria-label={t("topology.words", { name: root?.site.name ?? focus })}>
                <g transform="translate(0 30)">
                    {layout.columns.map((x, index) => (
                        <text key={x} x={x} y={-8} fontSize={13} fill="var(--text-2)">
                            {t(`topology.column.${Math.min(Math.max(0, index - focusColumn + 1), 4)}` as Key)}
                        </text>
                    ))}
                    {layout.blast && (
                        <>
                            <rect {...layout.blast} rx={8} fill={troubled ? "var(--major-tint)" : "none"} fillOpacity={0.45} stroke={troubled ? "var(--major)" : "var(--line-strong)"} strokeDasharray="5 4" strokeOpacity={0.7} />
                            <text x={layout.blast.x + 14} y={layout.blast.y + 4} fontSize={12.5} fontWeight={600} fill={troubled ? "var(--major)" : "var(--text-2)"} className="node-label topo-label">
                                {cutAt ? t("topology.lostAt", { at: cutAt }) : t("topology.lost")}
                            </text>
                        </>
                    )}
                    {layout.wires.map((wire) => (
                        <Wire key={`${wire.from.id}>${wire.to.id}${wire.to.folded}`} wire={wire} sites={sites} atRisk={troubled && wire.to.inBlast && wire.to.id !== focus} />
                    ))}
                    {layout.boxes.map((box) => (
                        <Box key={`${box.id}/${box.x}/${box.y}`} box={box} view={sites.get(box.id)} focused={box.id === focus} cutAt={box.inBlast ? cutAt : ""} now={now} />
                    ))}
                </g>
            </svg>
        </div>
    );
}
