import type { ProposedAction } from "../api/types";
import { t, type Key } from "../text";

/// What to do first, numbered; each says whether it is done from here or on site. Nothing here switches power yet:
/// the engine proposes, a person acts by the usual means.
export function ActionList({ actions }: { actions: readonly ProposedAction[] }) {
    return (
        <ol className="actions">
            {actions.map((action, index) => (
                <li key={action.text}>
                    <span className="action-number">{index + 1}</span>
                    <span className="grow">
                        <span className="strong">{action.text}</span>
                        {action.detail && <span className="meta action-detail">{action.detail}</span>}
                    </span>
                    <span className="chip">{t(`action.${action.kind}` as Key)}</span>
                </li>
            ))}
        </ol>
    );
}
