// The incident: why, how sure, who is hit, how many minutes, what do I do?

import { useMemo, useState } from "react";
import type { IncidentCommand } from "../../api/client";
import type { IncidentView } from "../../api/types";
import { ActionList } from "../../components/ActionList";
import { CommandDialog, VerdictDialog, type DialogVerb } from "../../components/CommandDialogs";
import { SplitDialog } from "../../components/SplitDialog";
import { Blocks, ErrorNote } from "../../components/states";
import { say } from "../../components/Toasts";
import { Place } from "../../components/TopBar";
import { compare, isOpen, isOver } from "../../logic/triage";
import { Link, navigate } from "../../router/router";
import { useCommander } from "../../state/commands";
import { useNow, usePhone, useQuery } from "../../state/hooks";
import { useKeys } from "../../state/keys";
import { usePrincipal } from "../../state/session";
import { useLive } from "../../state/store";
import { t, type Key } from "../../text";
import { Affected } from "./Affected";
import { Causes } from "./Causes";
import { ClockPanel } from "./ClockPanel";
import { Header } from "./Header";
import { History } from "./History";
import { Notified } from "./Notified";
import { TimelinePanel } from "./TimelinePanel";

/// The page's own answer has the history; the feed may have a newer revision of everything else.
function newest(asked: IncidentView | undefined, live: IncidentView | undefined): IncidentView | undefined {
    if (!asked || !live) return asked ?? live;
    return live.snapshot.revision >= asked.snapshot.revision ? { ...asked, ...live, history: live.history ?? asked.history ?? [], ...(asked.cuts ? { cuts: asked.cuts } : {}) } : asked;
}

export default function Incident({ id }: { id: string }) {
    const principal = usePrincipal();
    const phone = usePhone();
    const now = useNow(5000);
    const commander = useCommander();
    const [dialog, setDialog] = useState<DialogVerb | "verdict" | "split" | null>(null);
    const incidents = useLive((data) => data.incidents);
    const live = useMemo(() => [...incidents.values()].find((item) => item.number === id || item.snapshot.incident_id === id), [incidents, id]);
    const refresh = live ? `${live.snapshot.revision}/${live.status}/${live.assignee ?? ""}/${live.acknowledged_by ?? ""}/${live.verdict?.at ?? ""}/${live.history?.length ?? 0}` : "";
    const query = useQuery<IncidentView>(`/incidents/${encodeURIComponent(id)}`, refresh, 500);
    const item = newest(query.data, live);
    const order = useMemo(() => [...incidents.values()].filter(isOpen).sort(compare("next", now)), [incidents, now]);
    const step = (by: number) => {
        const at = order.findIndex((other) => other.number === item?.number);
        const next = order[at + by];
        if (next) navigate(`/incidents/${next.number}`);
    };
    const may = commander.allowed && commander.online;
    const ask = (verb: NonNullable<typeof dialog>) => may && item && setDialog(verb);
    const acknowledge = () => {
        if (may && item && isOpen(item) && !item.acknowledged_by) void commander.send(item.snapshot.incident_id, { verb: "acknowledge" });
    };
    useKeys({
        a: acknowledge,
        s: () => ask("assign"),
        "shift+s": () => {
            if (may && item) void commander.send(item.snapshot.incident_id, { verb: "assign", assignee: principal.name });
        },
        c: () => ask("comment"),
        m: () => ask("merge"),
        v: () => ask("verdict"),
        "[": () => step(-1),
        "]": () => step(1),
        escape: () => navigate("/incidents"),
    });
    if (!item)
        return (
            <div className="screen incident">
                <Place>
                    <Link to="/incidents">{t("place.incidents")}</Link> / <strong>{id}</strong>
                </Place>
                {query.error ? <ErrorNote title={t("error.incident")} error={query.error} onRetry={query.reload} /> : <Blocks heights={[60, 360, 240]} />}
            </div>
        );
    const { snapshot } = item;
    const send = async (...commands: IncidentCommand[]) => {
        const done = await commander.sendAll(snapshot.incident_id, commands);
        // What can be taken back offers it at once.
        if (done && commands[0]?.verb === "resolve") say(t("toast.resolved", { number: item.number }), () => void commander.send(snapshot.incident_id, { verb: "reopen", reason: t("toast.undo") }));
    };
    const clock = <ClockPanel item={item} now={now} />;
    const check = snapshot.actions.find((action) => action.kind === "check");
    const actions = snapshot.actions.length > 0 && !isOver(item) && (
        <section className="panel" key="actions">
            <div className="panel-head">
                <h2>{t("actions.title")}</h2>
                <span className="meta">{t("actions.note")}</span>
            </div>
            <div className="panel-body">
                <ActionList actions={snapshot.actions} />
            </div>
        </section>
    );
    const timeline = <TimelinePanel item={item} now={now} phone={phone} />;
    const causes = <Causes item={item} now={now} check={check} onJudge={may && item.status !== "merged" ? () => setDialog("verdict") : undefined} />;
    const affected = <Affected item={item} now={now} onSplit={may && isOpen(item) ? () => setDialog("split") : undefined} />;
    const notified = <Notified key={snapshot.incident_id} item={item} now={now} />;
    const history = <History item={item} now={now} onComment={may ? () => setDialog("comment") : undefined} />;
    return (
        <div className="screen incident">
            <Place>
                <Link to="/incidents">{t("place.incidents")}</Link> / <strong>{item.number}</strong>
            </Place>
            <Header item={item} now={now} commander={commander} onAcknowledge={acknowledge} onAsk={(verb) => setDialog(verb)} />
            {commander.error !== null && <ErrorNote title={t(`failed.${commander.failed ?? "acknowledge"}` as Key)} error={commander.error} onRetry={commander.retry} />}
            {phone ? (
                <div className="incident-stack">
                    {clock}
                    {actions}
                    {causes}
                    {timeline}
                    {affected}
                    {notified}
                    {history}
                </div>
            ) : (
                <div className="incident-grid">
                    <div className="incident-main">
                        {timeline}
                        {causes}
                        {history}
                    </div>
                    <div className="incident-side">
                        {clock}
                        {actions}
                        {affected}
                        {notified}
                    </div>
                </div>
            )}
            {dialog === "verdict" && <VerdictDialog item={item} onClose={() => setDialog(null)} onSend={(...commands) => void send(...commands)} />}
            {dialog === "split" && <SplitDialog item={item} now={now} onClose={() => setDialog(null)} onSend={(command) => void send(command)} />}
            {dialog && dialog !== "verdict" && dialog !== "split" && (
                <CommandDialog verb={dialog} item={item} onClose={() => setDialog(null)} onSend={(...commands) => void send(...commands)} />
            )}
        </div>
    );
}
