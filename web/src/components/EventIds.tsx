import { useState } from "react";
import { shortId } from "../format";
import { tn } from "../text";
import { EventDialog } from "./EventDialog";

/// One click from a claim to the events behind it.
export function EventIds({ ids }: { ids: readonly string[] }) {
    const [open, setOpen] = useState(false);
    if (ids.length === 0) return null;
    return (
        <>
            <button className="event-ids mono" onClick={() => setOpen(true)}>
                {ids.length === 1 ? shortId(ids[0] as string) : tn("events", ids.length)}
            </button>
            {open && <EventDialog ids={ids} onClose={() => setOpen(false)} />}
        </>
    );
}
