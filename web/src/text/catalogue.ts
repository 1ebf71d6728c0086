// Filling in texts: pure, so that tests and both languages share it.

export type Params = Record<string, string | number>;

export function fill(text: string, params: Params = {}): string {
    return text.replace(/\{(\w+)\}/g, (whole, name: string) => (name in params ? String(params[name]) : whole));
}

export function placeholders(text: string): string[] {
    return [...text.matchAll(/\{(\w+)\}/g)].map((found) => found[1] as string).sort();
}
