import { useState } from "react";
import { Place } from "../components/TopBar";
import { Link } from "../router/router";
import { setSingleKeys, singleKeysOn } from "../state/keys";
import { toggleTheme, useTheme } from "../state/theme";
import { language, setLanguage, t } from "../text";

/// The reader's own settings, and the way to who is told; users, keys and contracts come later.
export default function Settings() {
    const theme = useTheme();
    const [singles, setSingles] = useState(singleKeysOn);
    return (
        <div className="screen later">
            <Place>
                <strong>{t("place.settings")}</strong>
            </Place>
            <h1>{t("place.settings")}</h1>
            <div className="settings-row">
                <span>{t("settings.theme")}</span>
                <div className="segments" role="group" aria-label={t("settings.theme")}>
                    {(["dark", "light"] as const).map((name) => (
                        <button key={name} aria-pressed={theme === name} onClick={() => theme !== name && toggleTheme()}>
                            {t(`settings.${name}`)}
                        </button>
                    ))}
                </div>
            </div>
            <div className="settings-row">
                <span>{t("settings.language")}</span>
                <div className="segments" role="group" aria-label={t("settings.language")}>
                    <button aria-pressed={language === "en"} onClick={() => setLanguage("en")}>
                        English
                    </button>
                    <button aria-pressed={language === "fr"} onClick={() => setLanguage("fr")}>
                        Français
                    </button>
                </div>
            </div>
            <label className="settings-row">
                <span>{t("settings.keys")}</span>
                <input
                    type="checkbox"
                    checked={singles}
                    onChange={(event) => {
                        setSingleKeys(event.target.checked);
                        setSingles(event.target.checked);
                    }}
                />
            </label>
            <Link to="/settings/routes" className="settings-row">
                <span>{t("routes.title")}</span>
                <span className="second">{t("routes.open")}</span>
            </Link>
            <p className="second">{t("later.settings")}</p>
        </div>
    );
}
