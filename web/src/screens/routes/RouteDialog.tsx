// A route as a form. The server judges it; what it says stands above the buttons.

import { useState, type FormEvent, type ReactNode } from "react";
import { post, put } from "../../api/client";
import type { NotificationRoute, Severity } from "../../api/types";
import { Dialog } from "../../components/Dialog";
import { ErrorNote } from "../../components/states";
import { severityWord } from "../../components/marks";
import { emptyTarget, formOf, mostSteps, routeKinds, routeOf, routeSeverities, type RouteForm, type TargetForm } from "../../logic/notificationRoutes";
import { t } from "../../text";
import { kindWord } from "./Deliveries";

export function RouteDialog({ route, onClose, onSaved }: { route: NotificationRoute | null; onClose: () => void; onSaved: (name: string) => void }) {
    const [form, setForm] = useState(() => formOf(route, Intl.DateTimeFormat().resolvedOptions().timeZone));
    const [error, setError] = useState<unknown>(null);
    const [busy, setBusy] = useState(false);
    const change = (part: Partial<RouteForm>) => setForm((before) => ({ ...before, ...part }));
    const submit = async (event: FormEvent) => {
        event.preventDefault();
        setBusy(true);
        try {
            const body = routeOf(form);
            if (route) await put(`/routes/${route.route_id}`, body);
            else await post("/routes", body);
            return onSaved(body.name);
        } catch (cause) {
            setError(cause);
        }
        setBusy(false);
    };
    const title = route ? t("routes.editTitle", { name: route.name }) : t("routes.add");
    const setStep = (at: number, part: Partial<RouteForm["steps"][number]>) => change({ steps: form.steps.map((step, index) => (index === at ? { ...step, ...part } : step)) });
    return (
        <Dialog title={title} onClose={onClose} className="wide">
            <form className="route-form" onSubmit={(event) => void submit(event)}>
                <h2>{title}</h2>
                <Line label={t("routes.name")}>
                    <input className="field" autoFocus required maxLength={80} value={form.name} onChange={(event) => change({ name: event.target.value })} />
                </Line>
                <TargetFields target={form.target} onChange={(target) => change({ target })} />
                <h3>{t("routes.of")}</h3>
                <Line label={t("routes.severity")}>
                    <select className="field" value={form.severity} onChange={(event) => change({ severity: event.target.value as Severity })}>
                        {routeSeverities.map((name) => (
                            <option key={name} value={name}>{severityWord(name)}</option>
                        ))}
                    </select>
                </Line>
                <fieldset className="route-line">
                    <legend>{t("routes.kinds")}</legend>
                    <div className="route-checks">
                        {routeKinds.map((kind) => (
                            <Check key={kind} checked={form.kinds.includes(kind)} onChange={(on) => change({ kinds: on ? [...form.kinds, kind] : form.kinds.filter((other) => other !== kind) })}>
                                {kindWord(kind)}
                            </Check>
                        ))}
                        <Check checked={form.watching} onChange={(watching) => change({ watching })}>{t("routes.watching")}</Check>
                    </div>
                </fieldset>
                <Line label={t("routes.regions")}>
                    <input className="field" placeholder={t("routes.any")} value={form.regions} onChange={(event) => change({ regions: event.target.value })} />
                </Line>
                <Line label={t("routes.operators")}>
                    <input className="field" placeholder={t("routes.any")} value={form.operators} onChange={(event) => change({ operators: event.target.value })} />
                </Line>
                <Line label={t("routes.prefix")}>
                    <input className="field mono" placeholder={t("routes.any")} value={form.sitePrefix} onChange={(event) => change({ sitePrefix: event.target.value })} />
                </Line>
                <h3>{t("routes.how")}</h3>
                <Line label={t("routes.throttle")}>
                    <input className="field route-number" type="number" min={0} max={10_080} required value={form.throttle} onChange={(event) => change({ throttle: event.target.value })} />
                </Line>
                <fieldset className="route-line">
                    <legend>{t("routes.quiet")}</legend>
                    <div className="route-checks">
                        <Check checked={form.quiet} onChange={(quiet) => change({ quiet })}>{t("routes.quietOn")}</Check>
                        {form.quiet && (
                            <span className="route-hours">
                                <input className="field" type="time" required aria-label={t("routes.quietBegin")} value={form.from} onChange={(event) => change({ from: event.target.value })} />
                                <input className="field" type="time" required aria-label={t("routes.quietEnd")} value={form.until} onChange={(event) => change({ until: event.target.value })} />
                                <input className="field" required aria-label={t("routes.zone")} value={form.zone} onChange={(event) => change({ zone: event.target.value })} />
                            </span>
                        )}
                    </div>
                </fieldset>
                {form.steps.map((step, at) => (
                    <div key={at} className="route-step">
                        <Line label={t("routes.after")}>
                            <span className="route-hours">
                                <input className="field route-number" type="number" min={1} max={10_080} required value={step.minutes} onChange={(event) => setStep(at, { minutes: event.target.value })} />
                                <button type="button" className="button small bare" onClick={() => change({ steps: form.steps.filter((_, index) => index !== at) })}>
                                    {t("routes.dropStep")}
                                </button>
                            </span>
                        </Line>
                        <TargetFields target={step.target} onChange={(target) => setStep(at, { target })} />
                    </div>
                ))}
                {form.steps.length < mostSteps && (
                    <button type="button" className="button small route-more" onClick={() => change({ steps: [...form.steps, { minutes: "15", target: emptyTarget() }] })}>
                        {t("routes.addStep")}
                    </button>
                )}
                {error !== null && <ErrorNote title={t("routes.failed")} error={error} />}
                <div className="dialog-foot">
                    <button className="button primary" disabled={busy}>{t("routes.save")}</button>
                    <button type="button" className="button" onClick={onClose}>{t("dialog.keep")}</button>
                </div>
            </form>
        </Dialog>
    );
}

function Line({ label, children }: { label: string; children: ReactNode }) {
    return (
        <label className="route-line">
            <span>{label}</span>
            {children}
        </label>
    );
}

function Check({ checked, onChange, children }: { checked: boolean; onChange: (on: boolean) => void; children: ReactNode }) {
    return (
        <label className="route-check">
            <input type="checkbox" checked={checked} onChange={(event) => onChange(event.target.checked)} />
            <span>{children}</span>
        </label>
    );
}

function TargetFields({ target, onChange }: { target: TargetForm; onChange: (target: TargetForm) => void }) {
    return (
        <>
            <div className="route-line">
                <span>{t("routes.channel")}</span>
                <div className="segments" role="group" aria-label={t("routes.channel")}>
                    {(["webhook", "mail"] as const).map((name) => (
                        <button key={name} type="button" aria-pressed={target.channel === name} onClick={() => onChange({ ...target, channel: name })}>
                            {t(name === "mail" ? "routes.mail" : "routes.webhook")}
                        </button>
                    ))}
                </div>
            </div>
            {target.channel === "mail" ? (
                <Line label={t("routes.to")}>
                    <input className="field" required placeholder="noc@example.net, lead@example.net" value={target.to} onChange={(event) => onChange({ ...target, to: event.target.value })} />
                </Line>
            ) : (
                <>
                    <Line label={t("routes.url")}>
                        <input className="field mono" type="url" required maxLength={2048} placeholder="https://example.net/hook" value={target.url} onChange={(event) => onChange({ ...target, url: event.target.value })} />
                    </Line>
                    <Line label={t("routes.secret")}>
                        <input className="field" type="password" autoComplete="new-password" maxLength={1024} disabled={target.dropSecret} placeholder={t(target.hasSecret ? "routes.secretKept" : "routes.secretNone")} value={target.secret}
                            onChange={(event) => onChange({ ...target, secret: event.target.value })} />
                    </Line>
                    {target.hasSecret && (
                        <div className="route-line">
                            <span />
                            <Check checked={target.dropSecret} onChange={(dropSecret) => onChange({ ...target, dropSecret })}>{t("routes.secretDrop")}</Check>
                        </div>
                    )}
                </>
            )}
        </>
    );
}
