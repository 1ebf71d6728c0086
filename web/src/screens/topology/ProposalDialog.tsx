import { useState } from "react";
import { CommandForm, ReasonField } from "../../components/CommandForm";
import { t, type Key } from "../../text";

/// Says what follows from a verdict, and asks why; the reason may stay empty.
export function ProposalDialog({ verb, title, other, onClose, onSend }: { verb: "confirm" | "reject"; title: string; other: string; onClose: () => void; onSend: (reason: string) => void }) {
    const [reason, setReason] = useState("");
    return (
        <CommandForm title={title} note={t(`proposal.${verb}Note` as Key, { other })} send={t(`proposal.${verb}` as Key)} onSubmit={() => onSend(reason.trim())} onClose={onClose}>
            <ReasonField label={t("proposal.reason")} value={reason} onChange={setReason} />
        </CommandForm>
    );
}
