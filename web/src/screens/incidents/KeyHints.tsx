import { Key } from "../../state/keys";
import { t } from "../../text";

const hints = [
    [["J", "K"], "hint.move"],
    [["Enter"], "hint.open"],
    [["A"], "hint.acknowledge"],
    [["S"], "hint.assign"],
    [["C"], "hint.comment"],
    [["M"], "hint.merge"],
    [["X"], "hint.select"],
    [["?"], "hint.all"],
] as const;

export function KeyHints({ status }: { status: string }) {
    return (
        <footer className="key-hints">
            {hints.map(([keys, text]) => (
                <span key={text} className="row" aria-hidden="true">
                    {keys.map((key) => (
                        <Key key={key}>{key}</Key>
                    ))}
                    <span className="second">{t(text)}</span>
                </span>
            ))}
            <span className="grow" />
            <span className="meta nowrap">{status}</span>
        </footer>
    );
}
