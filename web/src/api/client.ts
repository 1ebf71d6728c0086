// One door to the server: bearer token, problem details, idempotent commands. No request leaves the console's origin.

import type { CauseVerdict, IncidentView, NamedCause, Principal, Problem, SessionAnswer } from "./types";

const base = "/api/v1";
const tokenKey = "towerco.token";

/// What a failed request says: the server's problem details, or what the network did.
export class ApiError extends Error {
    constructor(readonly problem: Problem) {
        super(problem.detail || problem.title);
        this.name = "ApiError";
    }
    get code(): string {
        return this.problem.code;
    }
    get status(): number {
        return this.problem.status;
    }
}

let onUnauthorised: () => void = () => {};

export function whenUnauthorised(action: () => void): void {
    onUnauthorised = action;
}

export function token(): string | null {
    return sessionStorage.getItem(tokenKey);
}

export function keepToken(value: string | null): void {
    if (value) sessionStorage.setItem(tokenKey, value);
    else sessionStorage.removeItem(tokenKey);
}

async function problemOf(response: Response): Promise<Problem> {
    const fallback = { title: response.statusText || `HTTP ${response.status}`, status: response.status, code: `http.${response.status}` };
    try {
        return { ...fallback, ...((await response.json()) as Partial<Problem>) };
    } catch {
        return fallback;
    }
}

async function request<T>(method: string, path: string, body?: unknown, options: { signal?: AbortSignal; key?: string } = {}): Promise<T> {
    const headers: Record<string, string> = { Accept: "application/json" };
    const bearer = token();
    if (bearer) headers.Authorization = `Bearer ${bearer}`;
    if (body !== undefined) headers["Content-Type"] = body instanceof Blob ? "text/csv" : "application/json";
    if (options.key) headers["Idempotency-Key"] = options.key;
    let response: Response;
    try {
        const payload = body === undefined ? null : body instanceof Blob ? body : JSON.stringify(body);
        response = await fetch(base + path, { method, headers, body: payload, signal: options.signal ?? null });
    } catch (cause) {
        if ((cause as Error).name === "AbortError") throw cause;
        throw new ApiError({ title: "The server did not answer", status: 0, code: "network.unreachable" });
    }
    if (response.status === 401 && path !== "/sessions") {
        keepToken(null);
        onUnauthorised();
    }
    if (!response.ok) throw new ApiError(await problemOf(response));
    // 204, or 202 for a command whose projection is still on its way.
    const text = await response.text();
    return (text ? JSON.parse(text) : undefined) as T;
}

export const get = <T>(path: string, signal?: AbortSignal): Promise<T> => request<T>("GET", path, undefined, signal ? { signal } : {});

export const post = <T>(path: string, body: unknown, key?: string): Promise<T> => request<T>("POST", path, body, key ? { key } : {});

export const put = <T>(path: string, body: unknown): Promise<T> => request<T>("PUT", path, body);

export const remove = (path: string): Promise<void> => request<void>("DELETE", path);

export async function signIn(user: string, password: string): Promise<Principal> {
    const answer = await request<SessionAnswer>("POST", "/sessions", { user, password });
    keepToken(answer.token);
    return answer.principal;
}

export async function signOut(): Promise<void> {
    try {
        await request<void>("DELETE", "/sessions/current");
    } finally {
        keepToken(null);
    }
}

export const me = (): Promise<Principal> => get<Principal>("/me");

export type IncidentCommand =
    | { verb: "acknowledge" }
    | { verb: "assign"; assignee: string }
    | { verb: "comment"; text: string }
    | { verb: "resolve"; reason: string }
    | { verb: "reopen"; reason: string }
    | { verb: "merge"; into: string }
    | { verb: "verdict"; verdict: CauseVerdict["verdict"]; candidate?: NamedCause; cause?: NamedCause; reason?: string }
    | { verb: "split"; alarm_ids: string[]; site_ids: string[]; reason?: string };

/// Sends a command once: the key stays the same over a retry, so the log holds one event however often it is sent.
export async function commandIncident(id: string, command: IncidentCommand, key: string): Promise<IncidentView | undefined> {
    const { verb, ...body } = command;
    const answer = await post<IncidentView | Record<string, never> | undefined>(`/incidents/${encodeURIComponent(id)}/${verb}`, body, key);
    return answer && "snapshot" in answer ? (answer as IncidentView) : undefined;
}

export function freshKey(): string {
    const bytes = crypto.getRandomValues(new Uint8Array(16));
    return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
