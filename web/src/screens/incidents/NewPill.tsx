import { Icon } from "../../components/icons";
import type { Waiting } from "../../logic/triage";
import { Key } from "../../state/keys";
import { t, tn } from "../../text";

/// What waits while a hand is near the list. It floats over the header, never over a row.
export function NewPill({ waiting, onShow }: { waiting: Waiting; onShow: () => void }) {
    const text =
        waiting.incidents === 0 || (waiting.orderOnly && waiting.alarms === 0)
            ? t("pill.order")
            : `${tn("pill.alarms", waiting.alarms)} ${tn("pill.incidents", waiting.incidents)}`;
    return (
        <button className="new-pill" onClick={onShow}>
            <Icon name="up" size={14} /> {text} <Key>N</Key>
        </button>
    );
}
