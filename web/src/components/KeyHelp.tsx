import { Key } from "../state/keys";
import { t, type Key as TextKey } from "../text";
import { Dialog } from "./Dialog";

const rows: [string[], TextKey][] = [
    [["Ctrl", "K"], "keys.search"],
    [["G", "F I A S T E L P"], "keys.go"],
    [["J", "K"], "keys.move"],
    [["Enter"], "keys.open"],
    [["Esc"], "keys.back"],
    [["X"], "keys.select"],
    [["A"], "keys.acknowledge"],
    [["S"], "keys.assign"],
    [["Shift", "S"], "keys.assignMe"],
    [["C"], "keys.comment"],
    [["M"], "keys.merge"],
    [["V"], "keys.verdict"],
    [["N"], "keys.news"],
    [["F"], "keys.filter"],
    [["[", "]"], "keys.neighbours"],
    [["L"], "keys.live"],
    [["."], "keys.copy"],
    [["D"], "keys.theme"],
    [["?"], "keys.help"],
];

export function KeyHelp({ onClose }: { onClose: () => void }) {
    return (
        <Dialog title={t("keys.title")} onClose={onClose}>
            <h2>{t("keys.title")}</h2>
            <dl className="key-list">
                {rows.map(([keys, text]) => (
                    <div key={text}>
                        <dt>
                            {keys.map((key) => (
                                <Key key={key}>{key}</Key>
                            ))}
                            <span className="sr">{keys.join(" ")}</span>
                        </dt>
                        <dd>{t(text)}</dd>
                    </div>
                ))}
            </dl>
            <div className="dialog-foot">
                <button className="button" onClick={onClose}>
                    {t("dialog.close")}
                </button>
            </div>
        </Dialog>
    );
}
