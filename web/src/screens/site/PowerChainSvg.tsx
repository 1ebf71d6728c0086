// The single-line diagram: source, transfer, rectifier, battery, bus, disconnects, loads. Energised is 3 px and solid.

import type { Site } from "../../api/types";
import { Shape } from "../../components/marks";
import { quantity } from "../../format";
import { staleAfter, type PowerChain } from "../../logic/powerChain";
import { t } from "../../text";
import { chainBoxes, minutesLine, type ChainBox } from "./chainWords";

interface Frame {
    x: number;
    y: number;
    width: number;
    height: number;
}

const frames: Record<ChainBox["key"], Frame> = {
    grid: { x: 18, y: 30, width: 164, height: 84 },
    transfer: { x: 272, y: 56, width: 118, height: 84 },
    rectifier: { x: 468, y: 56, width: 122, height: 84 },
    generator: { x: 18, y: 222, width: 164, height: 84 },
    fuel: { x: 272, y: 222, width: 112, height: 84 },
    battery: { x: 408, y: 198, width: 182, height: 112 },
    shed: { x: 742, y: 62, width: 160, height: 84 },
    priority: { x: 742, y: 200, width: 160, height: 84 },
};

const edge: Record<ChainBox["tone"], string> = {
    plain: "var(--line-strong)",
    critical: "var(--critical)",
    major: "var(--major)",
    minor: "var(--minor)",
    unfitted: "var(--control)",
    blind: "var(--indeterminate)",
};

const cut = (text: string, width: number, perChar: number): string => {
    const most = Math.floor(width / perChar);
    return text.length > most ? `${text.slice(0, most - 1)}…` : text;
};

function Box({ box, frame, children }: { box: ChainBox; frame: Frame; children?: React.ReactNode }) {
    const dashed = box.tone === "unfitted" || box.tone === "blind";
    return (
        <g>
            <title>{`${box.title}: ${box.figure}. ${box.detail}`}</title>
            <rect {...frame} rx={8} fill="var(--raised)" stroke={edge[box.tone]} strokeWidth={1.2} strokeDasharray={dashed ? "4 3" : undefined} />
            <text x={frame.x + 14} y={frame.y + 23} fontSize={13} fill="var(--text-2)">
                {cut(box.title, frame.width - (box.mark ? 44 : 24), 6.7)}
            </text>
            <text x={frame.x + 14} y={frame.y + 48} fontSize={20} fontWeight={600} letterSpacing="-.01em" fill={box.stale || box.tone === "unfitted" ? "var(--text-2)" : "var(--text-1)"}>
                {cut(box.figure, frame.width - 24, 10.6)}
            </text>
            <text x={frame.x + 14} y={frame.y + 68} fontSize={12} fill="var(--text-3)">
                {cut(box.detail, frame.width - 24, 6.3)}
            </text>
            {box.mark && (
                <g transform={`translate(${frame.x + frame.width - 26} ${frame.y + 12})`}>
                    <Shape severity={box.mark} size={14} />
                </g>
            )}
            {children}
        </g>
    );
}

function Wire({ d, live, arrow = false }: { d: string; live: boolean; arrow?: boolean }) {
    return live ? (
        <path d={d} fill="none" stroke="var(--warning)" strokeWidth={3} markerMid={arrow ? "url(#flow)" : undefined} />
    ) : (
        <path d={d} fill="none" stroke="var(--control)" strokeWidth={1.5} strokeDasharray="3 3.4" />
    );
}

function Broken({ x, y }: { x: number; y: number }) {
    return (
        <g stroke="var(--critical)" strokeWidth={1.6} fill="var(--surface)">
            <circle cx={x} cy={y} r={11} />
            <path d={`M${x - 4} ${y - 4}l8 8m0-8l-8 8`} strokeLinecap="round" />
        </g>
    );
}

function Disconnect({ y, open, name, live }: { y: number; open: boolean; name: string; live: boolean }) {
    const [a, b] = [678, 702];
    return (
        <g>
            <Wire d={`M641 ${y}H${a}`} live={live && !open} />
            <Wire d={`M${b} ${y}H742`} live={live && !open} />
            {open ? <path d={`M${a} ${y}L${b - 3} ${y - 12}`} stroke="var(--major)" strokeWidth={2.6} strokeLinecap="round" /> : <Wire d={`M${a} ${y}H${b}`} live={live} />}
            <circle cx={a} cy={y} r={3} fill="var(--text-1)" />
            <circle cx={b} cy={y} r={3} fill="var(--text-1)" />
            <text x={(a + b) / 2} y={y + 19} fontSize={12} fontWeight={open ? 600 : 400} textAnchor="middle" fill={open ? "var(--major)" : "var(--text-3)"}>
                {open ? t("chain.isOpen", { name }) : name}
            </text>
        </g>
    );
}

export function PowerChainSvg({ chain, site, now }: { chain: PowerChain; site: Site; now: number }) {
    const boxes = chainBoxes(chain, site, now);
    const volts = chain.bus.volts;
    const gridOn = chain.grid.state === "on";
    const dgOn = chain.generator.state === "running";
    const charge = chain.battery.charge?.value;
    const low = volts !== undefined && volts.value < 47;
    const battery = frames.battery;
    const words = Object.values(boxes).map((box) => `${box.title}: ${box.figure}, ${box.detail}`).join(". ");
    return (
        <svg className="chain" viewBox="0 0 920 340" role="img" aria-label={words}>
            <defs>
                <marker id="flow" viewBox="0 0 10 10" refX="6" refY="5" markerWidth="4" markerHeight="4" orient="auto">
                    <path d="M1.5 1 7 5 1.5 9" fill="none" stroke="var(--warning)" strokeWidth="2.4" strokeLinecap="round" strokeLinejoin="round" />
                </marker>
            </defs>
            <Wire d="M182 72H230H272" live={gridOn} arrow />
            {chain.grid.state === "lost" && <Broken x={214} y={72} />}
            <Wire d="M182 264H232V120H272" live={dgOn} />
            {chain.generator.state === "failed" && <Broken x={214} y={264} />}
            <path d="M182 290H272" stroke="var(--control)" strokeWidth={1.4} />
            <Wire d="M390 98H430H468" live={gridOn || dgOn} arrow />
            <Wire d="M590 98H620H641" live={chain.rectifier.carries} arrow />
            {chain.rectifier.failed && <Broken x={616} y={98} />}
            <Wire d={chain.battery.flow === "in" ? "M641 254H615H590" : "M590 254H615H641"} live={chain.battery.flow === "out" || chain.battery.flow === "in"} arrow />
            <Disconnect y={104} open={chain.lvd1Open} name="LVD 1" live={chain.bus.live} />
            <Disconnect y={242} open={chain.lvd2Open} name="LVD 2" live={chain.bus.live} />
            <path d="M641 64V288" stroke={chain.bus.live ? "var(--text-1)" : "var(--control)"} strokeWidth={4} strokeLinecap="round" />
            <text x={641} y={50} fontSize={13} fontWeight={600} textAnchor="middle" fill="var(--text-1)">
                {t("chain.bus")}
            </text>
            <text x={641} y={318} fontSize={22} fontWeight={600} textAnchor="middle" letterSpacing="-.01em" fill={volts && volts.age > staleAfter ? "var(--text-2)" : low ? "var(--major)" : "var(--text-1)"}>
                {volts ? quantity(volts.value, "V", 1) : "–"}
            </text>
            {Object.values(boxes).map((box) => (
                <Box key={box.key} box={box} frame={frames[box.key]}>
                    {box.key === "battery" && (
                        <>
                            {charge !== undefined && (
                                <>
                                    <rect x={battery.x + 14} y={battery.y + 78} width={battery.width - 28} height={9} rx={4.5} fill="var(--hover)" />
                                    <rect x={battery.x + 14} y={battery.y + 78} width={Math.max(5, ((battery.width - 28) * Math.min(100, charge)) / 100)} height={9} rx={4.5} fill={chain.battery.flow === "out" ? "var(--minor)" : "var(--text-2)"} />
                                </>
                            )}
                            <text x={battery.x + 14} y={battery.y + 103} fontSize={11.5} fill="var(--text-3)">
                                {minutesLine(chain)}
                            </text>
                        </>
                    )}
                </Box>
            ))}
        </svg>
    );
}
