// What speaks for a link that nobody declared, in figures that a person can weigh.

import type { ProposedLink, Site, TopologyLink } from "../api/types";

/// How many at once: the surest first, the rest when these are judged.
export const shown = 20;

/// "1 in N" that so many fall together by chance, rounded down to a power of ten; beyond a million nobody tells the difference.
export function oneIn(link: Pick<ProposedLink, "log10_chance">): { n: number; isMore: boolean } {
    const power = Math.floor(Math.max(0, -link.log10_chance));
    return power > 6 ? { n: 1e6, isMore: true } : { n: 10 ** power, isMore: false };
}

/// Since when both fall together: the first episode, also of lists that do not say so.
export const since = (link: Pick<ProposedLink, "since" | "episodes">): string | undefined => link.since ?? link.episodes[0];

export const last = (link: Pick<ProposedLink, "episodes">): string | undefined => link.episodes[link.episodes.length - 1];

/// The feeder of a site: what its own record says, else a feeder link, such as one that was confirmed here.
export const feederOf = (site: Pick<Site, "site_id" | "feeder_id">, links: readonly Pick<TopologyLink, "a" | "b" | "kind">[]): string | undefined =>
    site.feeder_id || links.find((link) => link.kind === "feeder" && link.a === site.site_id)?.b;
