import { type FormEvent, type ReactNode } from "react";
import { t } from "../text";
import { Dialog } from "./Dialog";

/// A dialog that asks for what a command needs: a title, a sentence, the fields, and the two ways out.
export function CommandForm({ title, note, send, disabled = false, onSubmit, onClose, children }: { title: string; note: string; send: string; disabled?: boolean; onSubmit: () => void; onClose: () => void; children: ReactNode }) {
    const submit = (event: FormEvent) => {
        event.preventDefault();
        onSubmit();
    };
    return (
        <Dialog title={title} onClose={onClose}>
            <form onSubmit={submit}>
                <h2>{title}</h2>
                <p className="second">{note}</p>
                {children}
                <div className="dialog-foot">
                    <button className="button primary" type="submit" disabled={disabled}>
                        {send}
                    </button>
                    <button className="button" type="button" onClick={onClose}>
                        {t("dialog.keep")}
                    </button>
                </div>
            </form>
        </Dialog>
    );
}

/// Why, in a line; it may be left out.
export function ReasonField({ label, value, onChange }: { label: string; value: string; onChange: (value: string) => void }) {
    return (
        <label>
            <span className="sr">{label}</span>
            <input className="field" maxLength={1000} placeholder={label} value={value} onChange={(event) => onChange(event.target.value)} />
        </label>
    );
}
