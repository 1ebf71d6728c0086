// Line icons of the rail and the controls, 20 px box, drawn for this console.

const paths = {
    fleet: "M7.5 4 3 5.5v11L7.5 15l5 1.5L17 15V4l-4.5 1.5zM7.5 4v11M12.5 5.5v11",
    incidents: "M10 3.4 17.6 16.6H2.4zM10 8v4M10 14.2v.2",
    alarms: "M10 3a4.6 4.6 0 0 0-4.6 4.6c0 4-1.6 5.4-1.6 5.4h12.4s-1.6-1.4-1.6-5.4A4.6 4.6 0 0 0 10 3zM8.4 16a1.7 1.7 0 0 0 3.2 0",
    sites: "M10 8.6 6 17M10 8.6 14 17M7.6 13.6h4.8M10 6.2v1M6.6 9.6a4.8 4.8 0 0 1 0-6.4M13.4 3.2a4.8 4.8 0 0 1 0 6.4M4.4 11.4a7.6 7.6 0 0 1 0-9.6M15.6 1.8a7.6 7.6 0 0 1 0 9.6",
    topology: "M3 8h4v4H3zM13 3h4v4h-4zM13 13h4v4h-4zM7 10h3M13 5h-3v10h3",
    forecasts: "M3 16.6h14M3.6 13.4 8 9l3 2.6M11 11.6l5.4-7M11 11.6l5.6-1.8M11 11.6l5.6 2.6",
    energy: "M11 2.6 4.4 11.4h5L8.6 17.4l6.8-9h-5z",
    sla: "M5.4 2.6h6.2l3.4 3.4v11.4H5.4zM11.4 2.8v3.6H15M7.8 11.6l1.8 1.8 3-3.4",
    platform: "M4 3.4h12v4.4H4zM4 12.2h12v4.4H4zM6.6 5.6h.2M6.6 14.4h.2M10 7.8v4.4",
    settings: "M10 7.2a2.8 2.8 0 1 0 0 5.6 2.8 2.8 0 0 0 0-5.6zM10 2.6v2.2M10 15.2v2.2M2.6 10h2.2M15.2 10h2.2M4.8 4.8l1.5 1.5M13.7 13.7l1.5 1.5M15.2 4.8l-1.5 1.5M6.3 13.7l-1.5 1.5",
    work: "M1.8 5.4h9.4v8.4H1.8zM11.2 8.2h3.6l3 3v2.6h-6.6zM5.4 15.6a1.7 1.7 0 1 0 0-3.4 1.7 1.7 0 0 0 0 3.4zM14.4 15.6a1.7 1.7 0 1 0 0-3.4 1.7 1.7 0 0 0 0 3.4z",
    more: "M4.6 10h.1M10 10h.1M15.4 10h.1",
    search: "M8.8 3.6a5.2 5.2 0 1 0 0 10.4 5.2 5.2 0 0 0 0-10.4zM12.8 12.8l3.8 3.8",
    filter: "M3 4.4h14l-5.4 6.4v5l-3.2-1.6v-3.4z",
    up: "m5.4 12 4.6-4.4L14.6 12",
    close: "m5 5 10 10M15 5 5 15",
    battery: "M3 6.4h12v7.2H3zM17 9v2M5.4 8.6h3.2v2.8H5.4z",
    fan: "M10 10c0-3 1-6 3.4-6s2 4.6-3.4 6zM10 10c3 0 6 1 6 3.4s-4.6 2-6-3.4zM10 10c0 3-1 6-3.4 6s-2-4.6 3.4-6zM10 10c-3 0-6-1-6-3.4s4.6-2 6 3.4z",
    copy: "M7 7h9.4v9.4H7zM4 13V3.6h9.4",
    grid: "M7.4 17 9.2 3h1.6l1.8 14M8.6 7.6h2.8M8 12h4M5 6h10M4 9.4h12",
    off: "M3 5.6a11 11 0 0 1 14 0M5.6 9a7 7 0 0 1 8.8 0M8.2 12.2a3 3 0 0 1 3.6 0M10 15.4v.1M4 3l12 14",
} as const;

export type IconName = keyof typeof paths;

export function Icon({ name, size = 20 }: { name: IconName; size?: number }) {
    const heavy = name === "more" || name === "incidents";
    return (
        <svg width={size} height={size} viewBox="0 0 20 20" fill="none" stroke="currentColor" strokeWidth={heavy ? 1.7 : 1.5} strokeLinecap="round" strokeLinejoin="round" aria-hidden="true">
            <path d={paths[name]} />
        </svg>
    );
}

export function Logo() {
    return (
        <svg width="30" height="30" viewBox="0 0 30 30" aria-hidden="true">
            <rect x=".5" y=".5" width="29" height="29" rx="7" fill="var(--raised)" stroke="var(--line)" />
            <g fill="none" stroke="var(--text-1)" strokeWidth="1.8" strokeLinecap="round" strokeLinejoin="round">
                <path d="M9.5 23 15 8l5.5 15M12 17h6" />
            </g>
            <circle cx="15" cy="7" r="1.9" fill="var(--accent)" />
        </svg>
    );
}
