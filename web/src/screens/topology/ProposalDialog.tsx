import { useState, type FormEvent } from "react";
import { Dialog } from "../../components/Dialog";
import { t, type Key } from "../../text";

/// Says what follows from a verdict, and asks why; the reason may stay empty.
export function ProposalDialog({ verb, title, other, onClose, onSend }: { verb: "confirm" | "reject"; title: string; other: string; onClose: () => void; onSend: (reason: string) => void }) {
    const [reason, setReason] = useState("");
    const submit = (event: FormEvent) => {
        event.preventDefault();
        onSend(reason.trim());
    };
    return (
        <Dialog title={t(`proposal.${verb}` as Key)} onClose={onClose}>
            <form onSubmit={submit}>
                <h2>{title}</h2>
                <p className="second">{t(`proposal.${verb}Note` as Key, { other })}</p>
                <label>
                    <span className="sr">{t("proposal.reason")}</span>
                    <input className="field" autoFocus maxLength={300} placeholder={t("proposal.reason")} value={reason} onChange={(event) => setReason(event.target.value)} />
                </label>
                <div className="dialog-foot">
                    <button className="button primary">{t(`proposal.${verb}` as Key)}</button>
                    <button type="button" className="button" onClick={onClose}>
                        {t("dialog.keep")}
                    </button>
                </div>
            </form>
        </Dialog>
    );
}
