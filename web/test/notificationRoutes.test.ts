import assert from "node:assert/strict";
import { test } from "node:test";
import type { NotificationRoute } from "../src/api/types";
import { destination, formOf, names, routeOf, switched, words } from "../src/logic/notificationRoutes";

const route: NotificationRoute = {
    route_id: "8c1d", name: "night", enabled: true,
    match: { minimum_severity: "minor", kinds: ["incident.opened", "alarm.critical"], regions: ["Gauteng North"], site_prefix: "GP-", operators: ["Vodacom", "MTN"], include_watching: true },
    target: { channel: "webhook", url: "https://example.net:8443/hook?x=1", has_secret: true }, throttle_minutes: 3,
    quiet_hours: { from: "21:30", to: "05:00", timezone: "Africa/Johannesburg" },
    escalation: [{ after_minutes: 15, target: { channel: "mail", to: ["a@example.net", "b@example.net"] } }],
};

test("a route goes into the form and back unchanged, but for the id and what only answers say", () => {
    const { route_id: _, ...rest } = route;
    assert.deepEqual(routeOf(formOf(route, "UTC")), { ...rest, target: { channel: "webhook", url: "https://example.net:8443/hook?x=1" } });
});

test("a secret is kept unless another is written or it is taken away", () => {
    const form = formOf(route, "UTC");
    assert.equal("secret" in routeOf(form).target, false);
    assert.equal(routeOf({ ...form, target: { ...form.target, secret: "s3" } }).target.secret, "s3");
    assert.equal(routeOf({ ...form, target: { ...form.target, secret: "s3", dropSecret: true } }).target.secret, "");
});

test("what a channel does not have is not sent", () => {
    const form = formOf(route, "UTC");
    const mail = routeOf({ ...form, target: { ...form.target, channel: "mail", to: " a@b.net;c@d.net " } }).target;
    assert.deepEqual(mail, { channel: "mail", to: ["a@b.net", "c@d.net"] });
    assert.equal("quiet_hours" in routeOf({ ...form, quiet: false }), false);
});

test("a new route begins with what the server would take for granted", () => {
    const fresh = routeOf({ ...formOf(null, "Asia/Kolkata"), name: "ops" });
    assert.deepEqual(fresh.match.kinds, ["incident.opened", "incident.escalated", "incident.resolved"]);
    assert.equal(fresh.match.minimum_severity, "major");
    assert.equal(fresh.throttle_minutes, 10);
});

test("switching a route off keeps everything and sends no answer-only member", () => {
    const off = switched(route, false);
    assert.equal(off.enabled, false);
    assert.equal("route_id" in off, false);
    assert.equal("has_secret" in off.target, false);
    assert.deepEqual(off.match, route.match);
});

test("names may have blanks, addresses not", () => {
    assert.deepEqual(names(" Gauteng North, Free State;Limpopo\n"), ["Gauteng North", "Free State", "Limpopo"]);
    assert.deepEqual(words("a@b.net, c@d.net e@f.net"), ["a@b.net", "c@d.net", "e@f.net"]);
});

test("a destination is a host or the first address", () => {
    assert.equal(destination(route.target), "example.net:8443");
    assert.equal(destination({ channel: "mail", to: ["a@example.net", "b@example.net"] }), "a@example.net +1");
    assert.equal(destination({ channel: "webhook", url: "nonsense" }), "nonsense");
});
