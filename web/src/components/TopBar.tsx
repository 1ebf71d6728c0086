import { useEffect, useState, type ReactNode } from "react";
import { createPortal } from "react-dom";
import { clock, day, number, personInitials, span, zone, zoneShort } from "../format";
import { useNow } from "../state/hooks";
import { signOut, usePrincipal } from "../state/session";
import { useLive } from "../state/store";
import { t, tn } from "../text";
import { Icon } from "./icons";
import { Key } from "../state/keys";

/// Ring, square or dot and the words for the state of the live feed; data age on hover.
export function LinkStatus() {
    const link = useLive((data) => data.link);
    const heardAt = useLive((data) => data.heardAt);
    const caughtUp = useLive((data) => data.caughtUp);
    useNow(1000);
    const age = heardAt ? t("status.age", { age: span((Date.now() - heardAt) / 1000) }) : "";
    let mark = <i className="dot live" />;
    let text = t("status.live");
    if (link.kind === "reconnecting") {
        mark = <i className="dot ring" />;
        text = t("status.reconnecting", { n: Math.max(0, Math.ceil((link.retryAt - Date.now()) / 1000)) });
    } else if (link.kind === "offline") {
        mark = <i className="dot square" />;
        text = t("status.offline", { at: clock(link.since) });
    } else if (link.kind !== "live") {
        mark = <i className="dot ring" />;
        text = t("status.connecting");
    } else if (caughtUp !== null) text = tn("status.caughtUp", caughtUp);
    return (
        <span className="link-status" role="status" title={age}>
            {mark}
            <span>{text}</span>
        </span>
    );
}

/// Clock in the reader's zone; the zone is always written.
function Clock({ short = false }: { short?: boolean }) {
    const now = useNow(1000);
    if (short) return <time className="clock-short">{clock(now)} {zoneShort(now)}</time>;
    return (
        <time className="clock" title={zone}>
            <span className="clock-time">{clock(now, true)}</span>
            <span className="meta">
                {zoneShort(now)}
                <span className="clock-day">, {day(now)}</span>
            </span>
        </time>
    );
}

function User() {
    const principal = usePrincipal();
    return (
        <details className="user">
            <summary aria-label={t("user.menu", { name: principal.name })}>
                <span className="avatar">{personInitials(principal.name)}</span>
            </summary>
            <div className="menu user-menu">
                <p className="strong">{principal.name}</p>
                <p className="meta">
                    {principal.tenant_id}, {principal.role}
                </p>
                <button className="button" onClick={() => void signOut()}>
                    {t("user.signOut")}
                </button>
            </div>
        </details>
    );
}

let slotElement: HTMLElement | null = null;
const slotListeners = new Set<() => void>();

/// A screen writes its place ("Incidents / INC-4182") into the top bar.
export function Place({ children }: { children: ReactNode }) {
    const [slot, setSlot] = useState(slotElement);
    useEffect(() => {
        const update = () => setSlot(slotElement);
        update();
        slotListeners.add(update);
        return () => {
            slotListeners.delete(update);
        };
    }, []);
    return slot ? createPortal(children, slot) : null;
}

function attachSlot(node: HTMLElement | null): void {
    slotElement = node;
    for (const listener of slotListeners) listener();
}

export function TopBar({ wall, phone, onSearch }: { wall: boolean; phone: boolean; onSearch: () => void }) {
    const sites = useLive((data) => data.sites.size);
    if (phone)
        return (
            <header className="top-bar">
                <Clock short />
                <span className="grow" />
                <LinkStatus />
            </header>
        );
    return (
        <header className="top-bar">
            <div className="place cut" ref={attachSlot} />
            <span className="grow" />
            {!wall && (
                <button className="search" onClick={onSearch} aria-keyshortcuts="Control+K">
                    <Icon name="search" size={16} />
                    <span className="grow">{t("shell.search")}</span>
                    <Key>Ctrl</Key>
                    <Key>K</Key>
                </button>
            )}
            {wall && <span className="meta">{t("fleet.sites", { n: number(sites) })}</span>}
            <LinkStatus />
            <Clock />
            {!wall && <User />}
        </header>
    );
}
