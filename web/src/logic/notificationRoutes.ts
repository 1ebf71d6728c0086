// A notification route as a form has it, and back: texts where the route has lists and numbers.

import type { NotificationRoute, NotificationTarget, RouteKind, Severity } from "../api/types";

export const routeKinds: readonly RouteKind[] = ["incident.opened", "incident.escalated", "incident.updated", "incident.resolved", "alarm.critical"];
export const routeSeverities: readonly Severity[] = ["critical", "major", "minor", "warning", "indeterminate"];
export const mostSteps = 5;

export interface TargetForm {
    channel: "webhook" | "mail";
    url: string;
    to: string;
    secret: string;
    /// The server keeps one already.
    hasSecret: boolean;
    dropSecret: boolean;
}

export interface RouteForm {
    name: string;
    enabled: boolean;
    severity: Severity;
    kinds: RouteKind[];
    watching: boolean;
    regions: string;
    sitePrefix: string;
    operators: string;
    throttle: string;
    quiet: boolean;
    from: string;
    until: string;
    zone: string;
    target: TargetForm;
    steps: { minutes: string; target: TargetForm }[];
}

export const words = (text: string): string[] => text.split(/[\s,;]+/).filter(Boolean);
/// Names may have blanks in them, so only commas and line ends part them.
export const names = (text: string): string[] => text.split(/[,;\n]+/).map((name) => name.trim()).filter(Boolean);

export const emptyTarget = (): TargetForm => ({ channel: "webhook", url: "", to: "", secret: "", hasSecret: false, dropSecret: false });

const targetForm = (target: NotificationTarget): TargetForm => ({
    channel: target.channel, url: target.url ?? "", to: (target.to ?? []).join(", "), secret: "", hasSecret: target.has_secret ?? false, dropSecret: false,
});

/// `zone` is the reader's, for quiet hours that do not exist yet.
export function formOf(route: NotificationRoute | null, zone: string): RouteForm {
    const hours = route?.quiet_hours;
    return {
        name: route?.name ?? "", enabled: route?.enabled ?? true, severity: route?.match.minimum_severity ?? "major",
        kinds: route?.match.kinds ?? ["incident.opened", "incident.escalated", "incident.resolved"], watching: route?.match.include_watching ?? false,
        regions: (route?.match.regions ?? []).join(", "), sitePrefix: route?.match.site_prefix ?? "", operators: (route?.match.operators ?? []).join(", "),
        throttle: String(route?.throttle_minutes ?? 10), quiet: hours !== undefined, from: hours?.from ?? "22:00", until: hours?.to ?? "06:00", zone: hours?.timezone ?? zone,
        target: route ? targetForm(route.target) : emptyTarget(),
        steps: (route?.escalation ?? []).map((step) => ({ minutes: String(step.after_minutes), target: targetForm(step.target) })),
    };
}

function targetOf(form: TargetForm): NotificationTarget {
    if (form.channel === "mail") return { channel: "mail", to: words(form.to) };
    const target: NotificationTarget = { channel: "webhook", url: form.url.trim() };
    if (form.dropSecret) return { ...target, secret: "" };
    return form.secret ? { ...target, secret: form.secret } : target;
}

/// What the server is sent. It judges it, in words that say which member and what it takes.
export function routeOf(form: RouteForm): NotificationRoute {
    const route: NotificationRoute = {
        name: form.name.trim(), enabled: form.enabled,
        match: {
            minimum_severity: form.severity, kinds: routeKinds.filter((kind) => form.kinds.includes(kind)), regions: names(form.regions), site_prefix: form.sitePrefix.trim(),
            operators: names(form.operators), include_watching: form.watching,
        },
        target: targetOf(form.target), throttle_minutes: Number(form.throttle),
        escalation: form.steps.map((step) => ({ after_minutes: Number(step.minutes), target: targetOf(step.target) })),
    };
    return form.quiet ? { ...route, quiet_hours: { from: form.from, to: form.until, timezone: form.zone.trim() } } : route;
}

/// The same route, told to nobody or again; secrets stay.
export function switched(route: NotificationRoute, enabled: boolean): NotificationRoute {
    const bare = ({ has_secret: _, ...target }: NotificationTarget): NotificationTarget => target;
    const { route_id: _, ...rest } = route;
    return { ...rest, enabled, target: bare(route.target), escalation: route.escalation.map((step) => ({ ...step, target: bare(step.target) })) };
}

/// Where it goes, short: the host of a webhook, the first address of a mail.
export function destination(target: NotificationTarget): string {
    if (target.channel === "mail") {
        const [first = "", ...more] = target.to ?? [];
        return more.length > 0 ? `${first} +${more.length}` : first;
    }
    return /^https?:\/\/([^/?#]+)/.exec(target.url ?? "")?.[1] ?? target.url ?? "";
}
