// Ranking of the command menu: whole words first, then beginnings, then anywhere; short lists, stable order.

export interface Found<Item> {
    item: Item;
    score: number;
}

const plain = (text: string): string => text.normalize("NFD").replace(/[\u0300-\u036f]/g, "").toLowerCase();

export function score(text: string, needle: string): number {
    const hay = plain(text);
    const words = plain(needle).split(/\s+/).filter(Boolean);
    let total = 0;
    for (const word of words) {
        const at = hay.indexOf(word);
        if (at < 0) return 0;
        const startsWord = at === 0 || /[\s\-_./]/.test(hay[at - 1] as string);
        total += at === 0 ? 4 : startsWord ? 3 : 1;
    }
    return total;
}

export function best<Item>(items: Iterable<Item>, textOf: (item: Item) => string, needle: string, most: number): Item[] {
    const found: Found<Item>[] = [];
    for (const item of items) {
        const value = score(textOf(item), needle);
        if (value > 0) found.push({ item, score: value });
    }
    return found.sort((left, right) => right.score - left.score).slice(0, most).map((each) => each.item);
}
