// Who is signed in, and what that role may do.

import { useSyncExternalStore } from "react";
import { keepToken, me, signIn as askSignIn, signOut as askSignOut, token, whenUnauthorised } from "../api/client";
import type { Principal } from "../api/types";
import { forgetQueries } from "./queryCache";
import { startLive, stopLive } from "./store";

export type Session = { kind: "checking" } | { kind: "signedOut"; expired: boolean } | { kind: "signedIn"; principal: Principal };

let session: Session = token() ? { kind: "checking" } : { kind: "signedOut", expired: false };
const listeners = new Set<() => void>();

function set(next: Session): void {
    const wasIn = session.kind === "signedIn";
    session = next;
    if (next.kind === "signedIn" && !wasIn) startLive();
    if (next.kind !== "signedIn" && wasIn) {
        stopLive();
        forgetQueries();
    }
    for (const listener of listeners) listener();
}

whenUnauthorised(() => set({ kind: "signedOut", expired: session.kind === "signedIn" }));

export async function restore(): Promise<void> {
    if (!token()) return;
    try {
        set({ kind: "signedIn", principal: await me() });
    } catch {
        keepToken(null);
        set({ kind: "signedOut", expired: true });
    }
}

export async function signIn(user: string, password: string): Promise<void> {
    set({ kind: "signedIn", principal: await askSignIn(user, password) });
}

export async function signOut(): Promise<void> {
    try {
        await askSignOut();
    } finally {
        set({ kind: "signedOut", expired: false });
    }
}

export function useSession(): Session {
    return useSyncExternalStore(
        (listener) => {
            listeners.add(listener);
            return () => listeners.delete(listener);
        },
        () => session,
    );
}

export function usePrincipal(): Principal {
    const current = useSession();
    return current.kind === "signedIn" ? current.principal : { tenant_id: "", name: "", role: "viewer" };
}

export const mayAdminister = (principal: Principal): boolean => principal.role === "admin";
export const mayCommand = (principal: Principal): boolean => principal.role === "operator" || principal.role === "admin";
