// Who is told what: the tenant's notification routes, what each sent last, and the dialog that writes one.

import { useState } from "react";
import { post, put, remove } from "../../api/client";
import type { NotificationOutcome, NotificationRoute, Page } from "../../api/types";
import { Dialog } from "../../components/Dialog";
import { SeverityMark, severityWord } from "../../components/marks";
import { Blocks, Empty, ErrorNote } from "../../components/states";
import { say } from "../../components/Toasts";
import { Place } from "../../components/TopBar";
import { number } from "../../format";
import { destination, switched } from "../../logic/notificationRoutes";
import { Link, setQuery, useLocation } from "../../router/router";
import { useNow, useQuery } from "../../state/hooks";
import { mayAdminister, usePrincipal } from "../../state/session";
import { t } from "../../text";
import { Deliveries, kindWord } from "./Deliveries";
import { RouteDialog } from "./RouteDialog";

/// Outcomes come a moment after what caused them.
const period = 5000;

type Open = { kind: "edit"; route: NotificationRoute | null } | { kind: "delete"; route: NotificationRoute } | null;

export default function Routes() {
    const { query } = useLocation();
    const may = mayAdminister(usePrincipal());
    const now = useNow(period);
    const list = useQuery<Page<NotificationRoute>>("/routes", Math.floor(now / 30_000), 1000);
    const [open, setOpen] = useState<Open>(null);
    const [busy, setBusy] = useState("");
    const [error, setError] = useState<unknown>(null);
    const routes = list.data?.items ?? [];
    const chosen = routes.find((route) => route.route_id === query.get("route"));
    const path = `/notifications?limit=50${chosen ? `&route_id=${chosen.route_id}` : ""}`;
    const sent = useQuery<Page<NotificationOutcome>>(path, Math.floor(now / period), 1000);

    const run = async (id: string, work: () => Promise<string>) => {
        setBusy(id);
        setError(null);
        try {
            say(await work());
        } catch (cause) {
            setError(cause);
        }
        setBusy("");
        list.reload();
        sent.reload();
    };
    const test = (route: NotificationRoute) =>
        void run(route.route_id ?? "", async () => {
            await post(`/routes/${route.route_id}/test`, {});
            setQuery({ route: route.route_id ?? null });
            return t("routes.tested", { name: route.name });
        });
    const toggle = (route: NotificationRoute) =>
        void run(route.route_id ?? "", async () => {
            await put(`/routes/${route.route_id}`, switched(route, !route.enabled));
            return t(route.enabled ? "routes.nowOff" : "routes.nowOn", { name: route.name });
        });
    const drop = (route: NotificationRoute) => {
        setOpen(null);
        void run(route.route_id ?? "", async () => {
            await remove(`/routes/${route.route_id}`);
            setQuery({ route: null });
            return t("routes.deleted", { name: route.name });
        });
    };
    return (
        <div className="screen routes-screen">
            <Place>
                <Link to="/settings">{t("place.settings")}</Link> <span className="third">/</span> <strong>{t("routes.title")}</strong>
            </Place>
            <div className="routes-head">
                <div className="grow">
                    <h1>{t("routes.title")}</h1>
                    <p className="second">{t("routes.what")}</p>
                </div>
                {may && (
                    <button className="button primary" onClick={() => setOpen({ kind: "edit", route: null })}>
                        {t("routes.add")}
                    </button>
                )}
            </div>
            {error !== null && <ErrorNote title={t("routes.failed")} error={error} />}
            {list.error && <ErrorNote title={t("routes.unread")} error={list.error} onRetry={list.reload} />}
            {!list.data && !list.error && <Blocks heights={[72, 72, 72]} />}
            {list.data && routes.length === 0 && <Empty title={t("routes.none")}>{t(may ? "routes.noneWhy" : "routes.noneRead")}</Empty>}
            <div className="routes-body">
                {routes.length > 0 && (
                    <ul className="routes-list" aria-label={t("routes.title")}>
                        {routes.map((route) => (
                            <RouteCard key={route.route_id} route={route} chosen={route === chosen} may={may} busy={busy === route.route_id}
                                onChoose={() => setQuery({ route: route === chosen ? null : (route.route_id ?? null) })} onEdit={() => setOpen({ kind: "edit", route })} onTest={() => test(route)}
                                onToggle={() => toggle(route)} onDelete={() => setOpen({ kind: "delete", route })} />
                        ))}
                    </ul>
                )}
                {list.data && (routes.length > 0 || (sent.data?.items.length ?? 0) > 0) && <Deliveries query={sent} route={chosen?.name} now={now} />}
            </div>
            {open?.kind === "edit" && (
                <RouteDialog route={open.route} onClose={() => setOpen(null)}
                    onSaved={(name) => {
                        setOpen(null);
                        say(t("routes.saved", { name }));
                        list.reload();
                    }} />
            )}
            {open?.kind === "delete" && (
                <Dialog title={t("routes.delete")} onClose={() => setOpen(null)}>
                    <h2>{t("routes.deleteTitle", { name: open.route.name })}</h2>
                    <p className="second">{t("routes.deleteNote")}</p>
                    <div className="dialog-foot">
                        <button className="button primary" onClick={() => drop(open.route)}>
                            {t("routes.delete")}
                        </button>
                        <button className="button" onClick={() => setOpen(null)}>
                            {t("dialog.keep")}
                        </button>
                    </div>
                </Dialog>
            )}
        </div>
    );
}

interface Card {
    route: NotificationRoute;
    chosen: boolean;
    may: boolean;
    busy: boolean;
    onChoose: () => void;
    onEdit: () => void;
    onTest: () => void;
    onToggle: () => void;
    onDelete: () => void;
}

/// One route in two lines: where it goes, and what of.
function RouteCard({ route, chosen, may, busy, onChoose, onEdit, onTest, onToggle, onDelete }: Card) {
    const where = [...route.match.regions, ...route.match.operators, ...(route.match.site_prefix ? [`${route.match.site_prefix}…`] : [])];
    const facts = [
        where.length > 0 ? where.join(", ") : t("routes.everywhere"),
        route.throttle_minutes > 0 ? t("routes.throttled", { n: number(route.throttle_minutes) }) : "",
        route.quiet_hours ? t("routes.quietFrom", { from: route.quiet_hours.from, to: route.quiet_hours.to, zone: route.quiet_hours.timezone }) : "",
        route.escalation.length > 0 ? t("routes.then", { who: route.escalation.map((step) => `${destination(step.target)} (${step.after_minutes} min)`).join(", ") }) : "",
    ].filter(Boolean);
    return (
        <li className={`route-card${chosen ? " selected" : ""}${route.enabled ? "" : " off"}`}>
            <button className="route-what" aria-pressed={chosen} onClick={onChoose}>
                <span className="route-name">
                    <strong className="cut">{route.name}</strong>
                    {!route.enabled && <span className="chip">{t("routes.off")}</span>}
                </span>
                <span className="second cut" title={route.target.url ?? route.target.to?.join(", ")}>
                    {t(route.target.channel === "mail" ? "notified.mail" : "notified.webhook", { to: destination(route.target) })}
                </span>
                <span className="route-match">
                    <SeverityMark severity={route.match.minimum_severity} />
                    <span>{route.match.minimum_severity === "critical" ? severityWord("critical") : t("routes.from", { severity: severityWord(route.match.minimum_severity) })}</span>
                    <span className="second">{route.match.kinds.length > 0 ? t("routes.tells", { kinds: route.match.kinds.map(kindWord).join(", ") }) : t("routes.escalationOnly")}</span>
                </span>
                <span className="meta">{facts.join(" · ")}</span>
            </button>
            {may && (
                <div className="route-acts">
                    <button className="button small" disabled={busy || !route.enabled} onClick={onTest}>
                        {t("routes.test")}
                    </button>
                    <button className="button small" disabled={busy} onClick={onEdit}>
                        {t("routes.edit")}
                    </button>
                    <button className="button small" disabled={busy} onClick={onToggle}>
                        {t(route.enabled ? "routes.disable" : "routes.enable")}
                    </button>
                    <button className="button small bare" disabled={busy} onClick={onDelete}>
                        {t("routes.delete")}
                    </button>
                </div>
            )}
        </li>
    );
}
