// The frame of every screen: skip link, rail, top bar, main, bottom bar on a phone, and what floats.

import { useEffect, useState, type ReactNode } from "react";
import { isOpen, isOwned } from "../logic/triage";
import { navigate, useLocation } from "../router/router";
import { shellLevel, useKeys } from "../state/keys";
import { useNow, usePhone } from "../state/hooks";
import { isLost, retryLive, useLive } from "../state/store";
import { toggleTheme } from "../state/theme";
import { t } from "../text";
import { CommandMenu } from "./CommandMenu";
import { KeyHelp } from "./KeyHelp";
import { BottomBar, Rail } from "./Rail";
import { say, Toasts } from "./Toasts";
import { TopBar } from "./TopBar";

/// One announcement for a new unowned critical; everything else is polite and rare.
function Announcer() {
    const criticals = useLive((data) => {
        const found = [...data.incidents.values()].filter(
            (item) => isOpen(item) && item.snapshot.needs_person && item.snapshot.severity === "critical" && !isOwned(item),
        );
        return found.map((item) => item.snapshot.incident_id).sort().join(",");
    });
    const ready = useLive((data) => data.ready);
    const incidents = useLive((data) => data.incidents);
    const [known, setKnown] = useState<Set<string> | null>(null);
    const [text, setText] = useState("");
    useEffect(() => {
        if (!ready) return;
        const ids = criticals ? criticals.split(",") : [];
        if (known !== null) {
            const fresh = ids.find((id) => !known.has(id));
            if (fresh) setText(t("live.newCritical", { title: incidents.get(fresh)?.snapshot.title ?? "" }));
        }
        if (known === null || ids.some((id) => !known.has(id))) setKnown(new Set([...(known ?? []), ...ids]));
    }, [criticals, ready, incidents, known]);
    return (
        <div className="sr" role="alert" aria-live="assertive">
            {text}
        </div>
    );
}

function PoliteSummary() {
    const incidents = useLive((data) => data.incidents);
    const [text, setText] = useState("");
    useEffect(() => {
        // At most once per 10 s, and only what a listener can use: the count.
        const timer = window.setTimeout(() => {
            const needs = [...incidents.values()].filter((item) => isOpen(item) && item.snapshot.needs_person).length;
            setText(t("live.summary", { n: needs }));
        }, 10_000);
        return () => window.clearTimeout(timer);
    }, [incidents]);
    return (
        <div className="sr" aria-live="polite">
            {text}
        </div>
    );
}

/// Everything steps back 10 s after the feed is gone; the clocks go on as estimates.
function Main({ children }: { children: ReactNode }) {
    const link = useLive((data) => data.link);
    useNow(2000);
    return (
        <main id="main" tabIndex={-1} className={isLost(link, Date.now()) ? "greyed" : ""}>
            {children}
        </main>
    );
}

export function Shell({ children }: { children: ReactNode }) {
    const [menu, setMenu] = useState(false);
    const [help, setHelp] = useState(false);
    const { query, route } = useLocation();
    const phone = usePhone();
    const wall = query.get("wall") === "1" && route.name === "fleet";
    useKeys(
        {
            "ctrl+k": () => setMenu(true),
            "/": () => setMenu(true),
            "?": () => setHelp(true),
            d: toggleTheme,
            l: retryLive,
            ".": () => {
                void navigator.clipboard?.writeText(location.href).then(() => say(t("toast.linkCopied")));
            },
            escape: () => history.length > 1 && route.name !== "fleet" && navigate(route.name === "site" ? "/sites" : route.name === "incident" ? "/incidents" : "/"),
        },
        shellLevel,
    );
    return (
        <div className={`shell${wall ? " wall" : ""}`}>
            <a className="skip" href="#main">
                {t("shell.skip")}
            </a>
            {!wall && !phone && <Rail />}
            <TopBar wall={wall} phone={phone} onSearch={() => setMenu(true)} />
            <Main>{children}</Main>
            {phone && <BottomBar />}
            {menu && <CommandMenu onClose={() => setMenu(false)} onHelp={() => setHelp(true)} />}
            {help && <KeyHelp onClose={() => setHelp(false)} />}
            <Toasts />
            <Announcer />
            <PoliteSummary />
        </div>
    );
}
