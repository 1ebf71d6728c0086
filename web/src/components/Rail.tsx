import { Link, useLocation } from "../router/router";
import { isOpen } from "../logic/triage";
import { useLive } from "../state/store";
import { t, type Key } from "../text";
import { Icon, Logo, type IconName } from "./icons";

interface Place {
    name: string;
    to: string;
    icon: IconName;
    also?: string[];
}

const top: Place[] = [
    { name: "fleet", to: "/", icon: "fleet" },
    { name: "incidents", to: "/incidents", icon: "incidents", also: ["incident"] },
    { name: "alarms", to: "/alarms", icon: "alarms" },
    { name: "sites", to: "/sites", icon: "sites", also: ["site"] },
    { name: "topology", to: "/topology", icon: "topology" },
    { name: "forecasts", to: "/forecasts", icon: "forecasts" },
    { name: "energy", to: "/energy", icon: "energy" },
    { name: "sla", to: "/sla", icon: "sla" },
];

const low: Place[] = [
    { name: "platform", to: "/platform", icon: "platform" },
    { name: "settings", to: "/settings", icon: "settings", also: ["audit"] },
];

const phone: Place[] = [
    { name: "incidents", to: "/incidents", icon: "incidents", also: ["incident"] },
    { name: "map", to: "/", icon: "fleet", also: ["fleet"] },
    { name: "sites", to: "/sites", icon: "sites", also: ["site"] },
    { name: "work", to: "/jobs", icon: "work", also: ["jobs"] },
    { name: "more", to: "/more", icon: "more", also: ["alarms", "topology", "forecasts", "energy", "sla", "platform", "settings", "audit"] },
];

export function useNeedsCount(): number {
    return useLive((data) => {
        let count = 0;
        for (const item of data.incidents.values()) if (isOpen(item) && item.snapshot.needs_person) count += 1;
        return count;
    });
}

function Item({ place, badge }: { place: Place; badge: number }) {
    const { route } = useLocation();
    const here = route.name === place.name || place.also?.includes(route.name);
    return (
        <Link to={place.to} className="rail-item" aria-current={here ? "page" : undefined}>
            <span className="rail-icon">
                <Icon name={place.icon} />
                {badge > 0 && <span className="rail-badge">{badge}</span>}
            </span>
            <span>{t(`place.${place.name}` as Key)}</span>
            {badge > 0 && <span className="sr">{t("rail.needs", { n: badge })}</span>}
        </Link>
    );
}

export function Rail() {
    const needs = useNeedsCount();
    const item = (place: Place) => <Item key={place.name} place={place} badge={place.name === "incidents" ? needs : 0} />;
    return (
        <nav className="rail" aria-label={t("shell.nav")}>
            <Link to="/" className="rail-logo" aria-label="Towerco AIOps">
                <Logo />
            </Link>
            {top.map(item)}
            <span className="grow" />
            {low.map(item)}
        </nav>
    );
}

export function BottomBar() {
    const needs = useNeedsCount();
    return (
        <nav className="bottom-bar" aria-label={t("shell.nav")}>
            {phone.map((place) => (
                <Item key={place.name} place={place} badge={place.name === "incidents" ? needs : 0} />
            ))}
        </nav>
    );
}
