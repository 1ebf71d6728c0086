// Severity is colour and shape and word: the one place that draws the shapes. 14 px box, currentColor.

import type { Knowledge, Severity, SiteState } from "../api/types";
import { t, type Key } from "../text";

const shapes: Record<Severity, JSX.Element> = {
    critical: (
        <>
            <path d="M7 .4 13.6 7 7 13.6.4 7z" fill="currentColor" />
            <path d="M7 3.6v4M7 9.6v.6" stroke="var(--mark-cut, var(--surface))" strokeWidth="1.6" strokeLinecap="round" />
        </>
    ),
    major: <path d="M7 1.3 13.4 12.6H.6z" fill="currentColor" strokeLinejoin="round" />,
    minor: <path d="M1.4 2.2h11.2L7 12z" fill="none" stroke="currentColor" strokeWidth="1.7" strokeLinejoin="round" />,
    warning: <circle cx="7" cy="7" r="4.9" fill="none" stroke="currentColor" strokeWidth="1.8" />,
    indeterminate: (
        <rect x="1.6" y="1.6" width="10.8" height="10.8" rx="2.4" fill="none" stroke="currentColor" strokeWidth="1.6" strokeDasharray="2.7 2.1" />
    ),
    cleared: <path d="m1.8 7.6 3.4 3.4 7-7.6" fill="none" stroke="currentColor" strokeWidth="1.8" strokeLinecap="round" strokeLinejoin="round" />,
};

export const severityWord = (severity: Severity): string => t(`severity.${severity}` as Key);
export const stateWord = (state: SiteState): string => t(`state.${state}` as Key);

export const stateSeverity: Record<SiteState, Severity | null> = {
    down: "critical",
    degraded: "major",
    on_battery: "minor",
    watch: "warning",
    blind: "indeterminate",
    in_service: null,
};

function Mark({ severity, label, size = 14 }: { severity: Severity; label: string; size?: number }) {
    return (
        <svg className={severity} width={size} height={size} viewBox="0 0 14 14" role="img" aria-label={label}>
            <title>{label}</title>
            {shapes[severity]}
        </svg>
    );
}

/// `quiet` when the word stands beside it.
export function SeverityMark({ severity, size = 14, quiet = false }: { severity: Severity; size?: number; quiet?: boolean }) {
    if (quiet) return <Shape severity={severity} size={size} />;
    return <Mark severity={severity} label={severityWord(severity)} size={size} />;
}

export function StateMark({ state, size = 14, quiet = false }: { state: SiteState; size?: number; quiet?: boolean }) {
    const severity = stateSeverity[state];
    if (severity) return quiet ? <Shape severity={severity} size={size} /> : <Mark severity={severity} label={stateWord(state)} size={size} />;
    return (
        <svg width={size} height={size} viewBox="0 0 14 14" {...(quiet ? { "aria-hidden": true } : { role: "img", "aria-label": stateWord(state) })}>
            <circle cx="7" cy="7" r="3" fill="var(--idle)" />
        </svg>
    );
}

/// The shape alone, hidden from readers of text.
export function Shape({ severity, size = 14 }: { severity: Severity; size?: number }) {
    return (
        <svg className={severity} width={size} height={size} viewBox="0 0 14 14" aria-hidden="true">
            {shapes[severity]}
        </svg>
    );
}

/// Filled: reported. Dashed violet: inferred. Hollow orange: predicted.
export function KnowledgeDot({ knowledge }: { knowledge: Knowledge }) {
    const look = {
        reported: { fill: "var(--text-1)", stroke: "var(--text-1)" },
        inferred: { fill: "none", stroke: "var(--indeterminate)", strokeDasharray: "2.6 2.2" },
        predicted: { fill: "none", stroke: "var(--major)" },
    }[knowledge];
    return (
        <svg width="12" height="12" viewBox="0 0 12 12" aria-hidden="true">
            <circle cx="6" cy="6" r="4.7" strokeWidth="1.4" {...look} />
        </svg>
    );
}

/// Paths of the shapes for canvas drawing, centred on 0, 0 with a reach of 7.
export const canvasShapes: Record<Exclude<Severity, "cleared">, { path: string; fill: boolean; dash?: number[] }> = {
    critical: { path: "M0-6.6 6.6 0 0 6.6-6.6 0z", fill: true },
    major: { path: "M0-5.7 6.4 5.6H-6.4z", fill: true },
    minor: { path: "M-5.6-4.8H5.6L0 5z", fill: false },
    warning: { path: "M4.9 0A4.9 4.9 0 1 1-4.9 0A4.9 4.9 0 1 1 4.9 0z", fill: false },
    indeterminate: { path: "M-5-5H5V5H-5z", fill: false, dash: [2.6, 2.1] },
};
