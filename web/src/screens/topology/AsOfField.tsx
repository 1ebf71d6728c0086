import { setQuery } from "../../router/router";
import { t } from "../../text";

/// The value of a `datetime-local` field, which knows no zone: local time.
function local(at: string): string {
    const date = new Date(at);
    return new Date(date.getTime() - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}

/// The instant of which the network is shown; empty is now.
export function AsOfField({ at }: { at: string | null }) {
    return (
        <span className="as-of">
            <label className="meta">
                {t("topology.asOf")}{" "}
                <input
                    className="field"
                    type="datetime-local"
                    value={at ? local(at) : ""}
                    onChange={(event) => {
                        const chosen = event.target.value ? new Date(event.target.value) : undefined;
                        setQuery({ at: chosen && !Number.isNaN(chosen.getTime()) ? chosen.toISOString() : null });
                    }}
                />
            </label>
            {at && (
                <button className="button" onClick={() => setQuery({ at: null })}>
                    {t("topology.now")}
                </button>
            )}
        </span>
    );
}
