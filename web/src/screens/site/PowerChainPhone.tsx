// The power chain on a phone: sources and stores over a horizontal bus, loads under it.

import type { Site } from "../../api/types";
import { Shape } from "../../components/marks";
import { quantity } from "../../format";
import type { PowerChain } from "../../logic/powerChain";
import { t } from "../../text";
import { chainBoxes, minutesLine, type ChainBox } from "./chainWords";

function Box({ box, extra }: { box: ChainBox; extra?: string | undefined }) {
    return (
        <div className={`chain-box ${box.tone}`}>
            {box.mark && <Shape severity={box.mark} size={15} />}
            <span className="second chain-name">{box.title}</span>
            <b>{box.figure}</b>
            <span className="meta">{[box.detail, extra].filter(Boolean).join(", ")}</span>
        </div>
    );
}

export function PowerChainPhone({ chain, site, now }: { chain: PowerChain; site: Site; now: number }) {
    const boxes = chainBoxes(chain, site, now);
    const volts = chain.bus.volts;
    const wire = (live: boolean) => <i className={`chain-wire${live ? " live" : ""}`} />;
    return (
        <div className="chain-phone">
            <Box box={boxes.grid} />
            <Box box={boxes.generator} />
            {wire(chain.grid.state === "on")}
            {wire(chain.generator.state === "running")}
            <Box box={boxes.rectifier} />
            <Box box={boxes.battery} extra={minutesLine(chain)} />
            {wire(chain.rectifier.carries)}
            {wire(chain.battery.flow === "out" || chain.battery.flow === "in")}
            <div className={`chain-bus${chain.bus.live ? " live" : ""}`}>
                <span>{t("chain.busAt", { v: volts ? quantity(volts.value, "V", 1) : "–" })}</span>
            </div>
            {wire(chain.bus.live && !chain.lvd1Open)}
            {wire(chain.bus.live && !chain.lvd2Open)}
            <Box box={boxes.shed} />
            <Box box={boxes.priority} />
        </div>
    );
}
