// The live feed as a state machine without sockets, clocks or React: calls in, actions out.

import type { LiveChange, LiveFrame } from "../api/types";

export type LinkState =
    | { kind: "idle" }
    | { kind: "connecting" }
    | { kind: "live" }
    | { kind: "reconnecting"; retryAt: number; since: number; attempt: number }
    | { kind: "offline"; since: number };

export type LiveAction =
    | { do: "open" }
    | { do: "send"; message: Record<string, unknown> }
    | { do: "replace"; frame: Extract<LiveFrame, { type: "snapshot" }> }
    | { do: "apply"; changes: LiveChange[] }
    | { do: "clock"; at: number }
    | { do: "caughtUp"; changes: number }
    | { do: "wait"; milliseconds: number }
    | { do: "close" };

const firstDelay = 1000;
const longestDelay = 30_000;
/// Heartbeats come every 10 s: two missed and a bit means the link is dead though the socket has not noticed.
const silenceLimit = 25_000;

/// Back-off before attempt `n` (from 1): 1, 2, 4 … 30 s, each spread by ±25 % so that tabs do not come back together.
export function backoff(attempt: number, random: number): number {
    const plain = Math.min(longestDelay, firstDelay * 2 ** (attempt - 1));
    return Math.round(plain * (0.75 + random * 0.5));
}

export class LiveMachine {
    state: LinkState = { kind: "idle" };
    /// Newest sequence seen; what `since` asks for after a gap.
    sequence = 0;
    private attempt = 0;
    private lastFrameAt = 0;
    private downSince = 0;
    private missed: number | null = null;

    constructor(private readonly channels: readonly string[]) {}

    /// Begins anew: a sequence of an earlier session may belong to another tenant.
    start(now: number): LiveAction[] {
        this.sequence = 0;
        this.attempt = 0;
        this.downSince = 0;
        this.missed = null;
        this.state = { kind: "connecting" };
        this.lastFrameAt = now;
        return [{ do: "open" }];
    }

    opened(now: number): LiveAction[] {
        this.lastFrameAt = now;
        const message: Record<string, unknown> = { type: "subscribe", channels: this.channels };
        if (this.sequence > 0) message.since = this.sequence;
        return [{ do: "send", message }];
    }

    frame(frame: LiveFrame, now: number): LiveAction[] {
        this.lastFrameAt = now;
        switch (frame.type) {
            case "snapshot":
                this.up(frame.seq);
                this.missed = null;
                return [{ do: "replace", frame }];
            case "resumed":
                this.up(this.sequence);
                this.missed = 0;
                return [];
            case "delta": {
                // A frame at or below the newest sequence was applied before the gap: never twice.
                if (frame.seq <= this.sequence && this.sequence > 0 && frame.seq !== 0) return [];
                this.sequence = frame.seq;
                if (this.missed !== null) this.missed += frame.changes.length;
                return [{ do: "apply", changes: frame.changes }];
            }
            case "heartbeat": {
                const actions: LiveAction[] = [{ do: "clock", at: Date.parse(frame.at) }];
                if (this.missed !== null && this.missed > 0) actions.push({ do: "caughtUp", changes: this.missed });
                this.missed = null;
                return actions;
            }
            case "error":
                // A `since` that is no longer held: start over with a snapshot.
                this.sequence = 0;
                return [{ do: "close" }];
            default:
                return [];
        }
    }

    private up(sequence: number): void {
        this.sequence = sequence;
        this.attempt = 0;
        this.downSince = 0;
        this.state = { kind: "live" };
    }

    closed(now: number, random: number, online: boolean): LiveAction[] {
        if (this.state.kind === "idle") return [];
        if (this.downSince === 0) this.downSince = now;
        if (!online) {
            this.state = { kind: "offline", since: this.downSince };
            return [];
        }
        this.attempt += 1;
        const milliseconds = backoff(this.attempt, random);
        this.state = { kind: "reconnecting", retryAt: now + milliseconds, since: this.downSince, attempt: this.attempt };
        return [{ do: "wait", milliseconds }];
    }

    retry(): LiveAction[] {
        return this.state.kind === "reconnecting" || this.state.kind === "offline" ? [{ do: "open" }] : [];
    }

    /// Called every second while live: a silent socket is closed so that the back-off takes over.
    watch(now: number): LiveAction[] {
        return this.state.kind === "live" && now - this.lastFrameAt > silenceLimit ? [{ do: "close" }] : [];
    }

    stop(): LiveAction[] {
        this.state = { kind: "idle" };
        return [{ do: "close" }];
    }
}

/// How long to gather frames before drawing: one animation frame, or 250 ms while more than 20 arrive a second.
export class Pacer {
    private times: number[] = [];
    static readonly limit = 20;
    static readonly slow = 250;

    note(now: number): void {
        this.times.push(now);
        if (this.times.length > 200) this.times.splice(0, 100);
    }

    delay(now: number): number {
        while (this.times.length > 0 && now - (this.times[0] as number) > 1000) this.times.shift();
        return this.times.length > Pacer.limit ? Pacer.slow : 0;
    }
}
