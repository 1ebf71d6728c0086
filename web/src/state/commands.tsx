// Commands on incidents: sent once, answered in the store, refused in words.

import { useCallback, useState } from "react";
import { commandIncident, freshKey, type IncidentCommand } from "../api/client";
import { mayCommand, usePrincipal } from "./session";
import { putIncident, useLive } from "./store";

export interface Commander {
    allowed: boolean;
    /// Whether the server can be reached now; acknowledge and power actions are never queued.
    online: boolean;
    busy: boolean;
    error: unknown;
    failed: IncidentCommand["verb"] | null;
    send: (id: string, command: IncidentCommand) => Promise<boolean>;
    /// One after the other; what follows a refused one is not sent.
    sendAll: (id: string, commands: readonly IncidentCommand[]) => Promise<boolean>;
    retry: () => void;
    clear: () => void;
}

export function useCommander(): Commander {
    const principal = usePrincipal();
    const online = useLive((data) => data.link.kind === "live" || data.link.kind === "connecting");
    const [busy, setBusy] = useState(false);
    const [failure, setFailure] = useState<{ error: unknown; id: string; command: IncidentCommand; key: string } | null>(null);
    const run = useCallback(async (id: string, command: IncidentCommand, key: string): Promise<boolean> => {
        setBusy(true);
        setFailure(null);
        try {
            const item = await commandIncident(id, command, key);
            if (item) putIncident(item);
            return true;
        } catch (error) {
            setFailure({ error, id, command, key });
            return false;
        } finally {
            setBusy(false);
        }
    }, []);
    return {
        allowed: mayCommand(principal),
        online,
        busy,
        error: failure?.error ?? null,
        failed: failure?.command.verb ?? null,
        send: useCallback((id, command) => run(id, command, freshKey()), [run]),
        sendAll: useCallback(
            async (id, commands) => {
                for (const command of commands) if (!(await run(id, command, freshKey()))) return false;
                return true;
            },
            [run],
        ),
        retry: () => {
            if (failure) void run(failure.id, failure.command, failure.key);
        },
        clear: () => setFailure(null),
    };
}
