// Drives the live machine with a real socket and hands the store batches no faster than it can draw.

import { LiveMachine, Pacer, type LinkState, type LiveAction } from "../logic/liveMachine";
import { token } from "./client";
import type { LiveChange, LiveFrame } from "./types";

export interface LiveSink {
    replace(frame: Extract<LiveFrame, { type: "snapshot" }>): void;
    apply(changes: LiveChange[]): void;
    link(state: LinkState): void;
    clock(at: number): void;
    caughtUp(changes: number): void;
}

export class LiveFeed {
    private readonly machine = new LiveMachine(["sites", "alarms", "incidents"]);
    private readonly pacer = new Pacer();
    private socket: WebSocket | null = null;
    private pending: LiveChange[] = [];
    private flushTimer = 0;
    private retryTimer = 0;
    private watchTimer = 0;

    constructor(private readonly sink: LiveSink) {}

    start(): void {
        this.run(this.machine.start(Date.now()));
        this.watchTimer = window.setInterval(() => this.run(this.machine.watch(Date.now())), 1000);
        window.addEventListener("online", this.retryNow);
    }

    stop(): void {
        window.clearInterval(this.watchTimer);
        window.clearTimeout(this.retryTimer);
        window.removeEventListener("online", this.retryNow);
        this.run(this.machine.stop());
    }

    readonly retryNow = (): void => {
        window.clearTimeout(this.retryTimer);
        this.run(this.machine.retry());
    };

    private run(actions: LiveAction[]): void {
        for (const action of actions) this.act(action);
        this.sink.link(this.machine.state);
    }

    private act(action: LiveAction): void {
        switch (action.do) {
            case "open":
                return this.open();
            case "send":
                return this.socket?.send(JSON.stringify(action.message));
            case "replace":
                this.pending = [];
                return this.sink.replace(action.frame);
            case "apply":
                return this.gather(action.changes);
            case "clock":
                return this.sink.clock(action.at);
            case "caughtUp":
                return this.sink.caughtUp(action.changes);
            case "wait":
                this.retryTimer = window.setTimeout(() => this.run(this.machine.retry()), action.milliseconds);
                return;
            case "close":
                this.socket?.close();
        }
    }

    private open(): void {
        const scheme = location.protocol === "https:" ? "wss" : "ws";
        const bearer = encodeURIComponent(token() ?? "");
        const socket = new WebSocket(`${scheme}://${location.host}/api/v1/live?access_token=${bearer}`);
        this.socket = socket;
        socket.onopen = () => this.run(this.machine.opened(Date.now()));
        socket.onmessage = (message) => {
            if (typeof message.data === "string") this.run(this.machine.frame(JSON.parse(message.data) as LiveFrame, Date.now()));
        };
        socket.onclose = () => {
            if (this.socket !== socket) return;
            this.socket = null;
            this.run(this.machine.closed(Date.now(), Math.random(), navigator.onLine));
        };
    }

    private gather(changes: LiveChange[]): void {
        this.pending.push(...changes);
        this.pacer.note(Date.now());
        if (this.flushTimer) return;
        const wait = this.pacer.delay(Date.now());
        const flush = () => {
            this.flushTimer = 0;
            const batch = this.pending;
            this.pending = [];
            if (batch.length > 0) this.sink.apply(batch);
        };
        // A hidden tab has no animation frames; it still has to count in its title.
        if (wait === 0 && document.visibilityState === "visible") this.flushTimer = requestAnimationFrame(flush);
        else this.flushTimer = window.setTimeout(flush, wait || Pacer.slow);
    }
}
