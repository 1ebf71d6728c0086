import { useState, type FormEvent } from "react";
import { ApiError } from "../api/client";
import { Logo } from "../components/icons";
import { describe } from "../components/states";
import { signIn } from "../state/session";
import { t } from "../text";

export function SignIn({ expired }: { expired: boolean }) {
    const [user, setUser] = useState("");
    const [password, setPassword] = useState("");
    const [error, setError] = useState<unknown>(null);
    const [busy, setBusy] = useState(false);
    const submit = async (event: FormEvent) => {
        event.preventDefault();
        setBusy(true);
        setError(null);
        try {
            await signIn(user, password);
        } catch (cause) {
            setError(cause);
            setBusy(false);
        }
    };
    const wrong = error instanceof ApiError && error.code === "auth.bad_credentials";
    return (
        <main className="sign-in">
            <form className="panel" onSubmit={(event) => void submit(event)}>
                <Logo />
                <h1>Towerco AIOps</h1>
                {expired && !error && <p className="second">{t("signIn.expired")}</p>}
                <label>
                    <span>{t("signIn.user")}</span>
                    <input className="field" name="user" autoComplete="username" autoCapitalize="none" autoFocus required value={user} onChange={(event) => setUser(event.target.value)} />
                </label>
                <label>
                    <span>{t("signIn.password")}</span>
                    <input className="field" name="password" type="password" autoComplete="current-password" required value={password} onChange={(event) => setPassword(event.target.value)} />
                </label>
                {error !== null && (
                    <p className="critical" role="alert">
                        {wrong ? t("signIn.wrong") : describe(error)} {error instanceof ApiError && <code className="third">{error.code}</code>}
                    </p>
                )}
                <button className="button primary" disabled={busy}>
                    {t("signIn.go")}
                </button>
            </form>
        </main>
    );
}
