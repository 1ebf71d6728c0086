// Last answers by path, so that a page seen before shows at once. Bounded, and emptied when the reader signs out.

export interface Answer {
    data: unknown;
    at: number;
}

const most = 200;
const answers = new Map<string, Answer>();

export const cachedAnswer = (path: string): Answer | undefined => answers.get(path);

export function keepAnswer(path: string, data: unknown): void {
    answers.delete(path);
    answers.set(path, { data, at: Date.now() });
    // The oldest goes first: a Map keeps the order of insertion.
    if (answers.size > most) answers.delete(answers.keys().next().value as string);
}

export const forgetQueries = (): void => answers.clear();
