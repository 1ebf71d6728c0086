import { useMemo, useState } from "react";
import { best } from "../logic/search";
import { places } from "../logic/keys";
import { match } from "../router/routes";
import { navigate } from "../router/router";
import { Key } from "../state/keys";
import { signOut } from "../state/session";
import { useLive } from "../state/store";
import { toggleTheme } from "../state/theme";
import { language, setLanguage, t, type Key as TextKey } from "../text";
import { Dialog } from "./Dialog";
import { Icon } from "./icons";
import { SeverityMark, StateMark } from "./marks";

interface Entry {
    id: string;
    text: string;
    hint: string;
    mark?: JSX.Element;
    keys?: string[];
    run: () => void;
}

/// Search over incidents and sites, and every command, in one list.
export function CommandMenu({ onClose, onHelp }: { onClose: () => void; onHelp: () => void }) {
    const [text, setText] = useState("");
    const [at, setAt] = useState(0);
    const incidents = useLive((data) => data.incidents);
    const sites = useLive((data) => data.sites);
    const commands = useMemo<Entry[]>(() => {
        const goes = Object.entries(places).map(([letter, to]) => ({
            id: `go${letter}`,
            text: t(`place.${match(to).name}` as TextKey),
            hint: t("menu.go"),
            keys: ["G", letter.toUpperCase()],
            run: () => navigate(to),
        }));
        return [
            ...goes,
            { id: "theme", text: t("keys.theme"), hint: t("menu.command"), keys: ["D"], run: toggleTheme },
            { id: "help", text: t("keys.title"), hint: t("menu.command"), keys: ["?"], run: onHelp },
            { id: "wall", text: t("menu.wall"), hint: t("menu.command"), run: () => navigate("/?wall=1") },
            { id: "lang", text: language === "en" ? "Français" : "English", hint: t("menu.language"), run: () => setLanguage(language === "en" ? "fr" : "en") },
            { id: "settings", text: t("place.settings"), hint: t("menu.go"), run: () => navigate("/settings") },
            { id: "out", text: t("user.signOut"), hint: t("menu.command"), run: () => void signOut() },
        ];
    }, [onHelp]);
    const entries = useMemo<Entry[]>(() => {
        if (!text.trim()) return commands;
        const foundIncidents = best(incidents.values(), (item) => `${item.number} ${item.snapshot.title} ${item.site_name}`, text, 6);
        const foundSites = best(sites.values(), (item) => `${item.site.name} ${item.site.site_id} ${item.site.region ?? ""}`, text, 8);
        return [
            ...foundIncidents.map((item) => ({
                id: item.snapshot.incident_id,
                text: item.snapshot.title,
                hint: item.number,
                mark: <SeverityMark severity={item.status === "resolved" ? "cleared" : item.snapshot.severity} />,
                run: () => navigate(`/incidents/${item.number}`),
            })),
            ...foundSites.map((item) => ({
                id: item.site.site_id,
                text: item.site.name,
                hint: item.site.site_id,
                mark: <StateMark state={item.state} />,
                run: () => navigate(`/sites/${encodeURIComponent(item.site.site_id)}`),
            })),
            ...best(commands, (item) => item.text, text, 6),
        ];
    }, [text, incidents, sites, commands]);
    const chosen = Math.min(at, entries.length - 1);
    const run = (entry: Entry | undefined) => {
        if (!entry) return;
        onClose();
        entry.run();
    };
    const keys = (event: React.KeyboardEvent) => {
        if (event.key === "ArrowDown") setAt(Math.min(entries.length - 1, chosen + 1));
        else if (event.key === "ArrowUp") setAt(Math.max(0, chosen - 1));
        else if (event.key === "Enter") run(entries[chosen]);
        else return;
        event.preventDefault();
    };
    return (
        <Dialog title={t("menu.title")} onClose={onClose} className="command-menu">
            <div className="command-field">
                <Icon name="search" size={16} />
                <input
                    autoFocus
                    role="combobox"
                    aria-expanded="true"
                    aria-controls="command-list"
                    aria-activedescendant={chosen >= 0 ? `command-${chosen}` : undefined}
                    aria-label={t("shell.search")}
                    placeholder={t("shell.search")}
                    value={text}
                    onChange={(event) => {
                        setText(event.target.value);
                        setAt(0);
                    }}
                    onKeyDown={keys}
                />
            </div>
            <ul id="command-list" role="listbox" aria-label={t("menu.title")}>
                {entries.map((entry, index) => (
                    <li
                        key={entry.id}
                        id={`command-${index}`}
                        role="option"
                        aria-selected={index === chosen}
                        onMouseMove={() => setAt(index)}
                        onClick={() => run(entry)}
                        ref={index === chosen ? (node) => node?.scrollIntoView({ block: "nearest" }) : undefined}
                    >
                        {entry.mark}
                        <span className="grow cut">{entry.text}</span>
                        {entry.keys?.map((key) => <Key key={key}>{key}</Key>) ?? <span className="meta">{entry.hint}</span>}
                    </li>
                ))}
                {entries.length === 0 && <li className="third">{t("menu.nothing", { text })}</li>}
            </ul>
        </Dialog>
    );
}
