import { Icon, type IconName } from "../components/icons";
import { Place } from "../components/TopBar";
import { Link } from "../router/router";
import { signOut, usePrincipal } from "../state/session";
import { t, type Key } from "../text";

const places: [IconName, string][] = [
    ["alarms", "/alarms"],
    ["topology", "/topology"],
    ["forecasts", "/forecasts"],
    ["energy", "/energy"],
    ["sla", "/sla"],
    ["platform", "/platform"],
    ["settings", "/settings"],
];

/// The places a phone's bottom bar has no room for.
export default function More() {
    const principal = usePrincipal();
    return (
        <div className="screen later">
            <Place>
                <strong>{t("place.more")}</strong>
            </Place>
            <h1>{t("place.more")}</h1>
            <ul className="more-list">
                {places.map(([icon, to]) => (
                    <li key={to}>
                        <Link to={to} className="plain-link">
                            <Icon name={icon} />
                            <span>{t(`place.${icon}` as Key)}</span>
                        </Link>
                    </li>
                ))}
            </ul>
            <p className="second">
                {principal.name}, {principal.tenant_id}
            </p>
            <button className="button" onClick={() => void signOut()}>
                {t("user.signOut")}
            </button>
        </div>
    );
}
