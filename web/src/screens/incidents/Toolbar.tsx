import { useEffect, useRef } from "react";
import { Icon } from "../../components/icons";
import type { Counts, TriageFilter } from "../../logic/triage";
import { setQuery } from "../../router/router";
import { Key } from "../../state/keys";
import { t } from "../../text";

const tabs = ["open", "mine", "unowned", "resolved"] as const;
const sorts = ["next", "reach", "severity", "age"] as const;

export function Toolbar({ counts, filter, filterOpen, onFilter }: { counts: Counts; filter: TriageFilter; filterOpen: boolean; onFilter: (open: boolean) => void }) {
    const field = useRef<HTMLInputElement>(null);
    useEffect(() => {
        if (filterOpen) field.current?.focus();
    }, [filterOpen]);
    return (
        <div className="toolbar">
            <div className="tabs" role="group" aria-label={t("triage.tabs")}>
                {tabs.map((name) => (
                    <button key={name} className="tab" aria-pressed={filter.tab === name} onClick={() => setQuery({ tab: name === "open" ? null : name, sel: null })}>
                        {t(`tab.${name}`)} <span className="count">{counts[name]}</span>
                    </button>
                ))}
            </div>
            <span className="grow" />
            {filterOpen ? (
                <input
                    ref={field}
                    className="field filter-field"
                    type="search"
                    aria-label={t("triage.filter")}
                    placeholder={t("triage.filterHint")}
                    value={filter.text}
                    onChange={(event) => setQuery({ q: event.target.value || null, sel: null })}
                    onKeyDown={(event) => {
                        if (event.key !== "Escape") return;
                        event.stopPropagation();
                        setQuery({ q: null });
                        onFilter(false);
                    }}
                />
            ) : (
                <button className="button bare" onClick={() => onFilter(true)}>
                    <Icon name="filter" size={15} /> {t("triage.filter")} <Key>F</Key>
                </button>
            )}
            <div className="segments" role="group" aria-label={t("triage.sort")}>
                {sorts.map((name) => (
                    <button key={name} aria-pressed={filter.sort === name} onClick={() => setQuery({ sort: name === "next" ? null : name })}>
                        {t(`sort.${name}`)}
                    </button>
                ))}
            </div>
        </div>
    );
}
