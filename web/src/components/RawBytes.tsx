import { t } from "../text";
import { Icon } from "./icons";
import { say } from "./Toasts";

/// Bytes as received, the part at fault marked, a copy button.
export function RawBytes({ text, faulty, copy }: { text: string; faulty?: [number, number] | null; copy?: string }) {
    const [from, to] = faulty ?? [0, 0];
    return (
        <div className="raw">
            <pre>
                {to > from ? (
                    <>
                        {text.slice(0, from)}
                        <mark>{text.slice(from, to)}</mark>
                        {text.slice(to)}
                    </>
                ) : (
                    text
                )}
            </pre>
            <button className="button small" aria-label={t("raw.copy")} onClick={() => void navigator.clipboard?.writeText(copy ?? text).then(() => say(t("raw.copied")))}>
                <Icon name="copy" size={14} />
            </button>
        </div>
    );
}
