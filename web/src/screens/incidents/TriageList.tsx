import type { IncidentView } from "../../api/types";
import type { Group } from "../../logic/triage";
import { t } from "../../text";
import { IncidentRow } from "./IncidentRow";

interface Props {
    groups: readonly Group[];
    selected: IncidentView | undefined;
    marked: ReadonlySet<string>;
    operators: readonly string[];
    now: number;
    entered: ReadonlySet<string>;
    onSelect: (item: IncidentView) => void;
}

export function TriageList({ groups, selected, marked, operators, now, entered, onSelect }: Props) {
    return (
        <table className="triage-table">
            <colgroup>
                <col className="c-mark" />
                <col className="c-number" />
                <col />
                <col className="c-down" />
                <col className="c-operators" />
                <col className="c-loss" />
                <col className="c-owner" />
            </colgroup>
            <thead>
                <tr>
                    <th>
                        <span className="sr">{t("column.severity")}</span>
                    </th>
                    <th>{t("column.incident")}</th>
                    <th>{t("column.cause")}</th>
                    <th className="num">{t("column.down")}</th>
                    <th>{t("column.operators")}</th>
                    <th className="num">{t("column.next")}</th>
                    <th className="num">{t("column.owner")}</th>
                </tr>
            </thead>
            {groups.map((group) => (
                <tbody key={group.name}>
                    <tr className="group-row">
                        <th colSpan={7} scope="rowgroup">
                            <span className="spread">
                                <span>
                                    <strong>{t(`group.${group.name}`)}</strong> <span className="third">{group.items.length}</span>
                                </span>
                                {group.name === "watching" && <span className="meta">{t("group.watchingNote")}</span>}
                            </span>
                        </th>
                    </tr>
                    {group.items.map((item) => (
                        <IncidentRow
                            key={item.snapshot.incident_id}
                            item={item}
                            selected={item === selected}
                            marked={marked.has(item.number)}
                            operators={operators}
                            now={now}
                            entered={entered.has(item.snapshot.incident_id)}
                            onSelect={onSelect}
                        />
                    ))}
                </tbody>
            ))}
        </table>
    );
}
