// The little of Node that the tests use; Debian has no package of its types.
declare module "node:test" {
    export function test(name: string, body: () => void): void;
}
declare module "node:assert/strict" {
    interface Assert {
        equal(actual: unknown, expected: unknown, message?: string): void;
        deepEqual(actual: unknown, expected: unknown, message?: string): void;
        ok(value: unknown, message?: string): asserts value;
    }
    const assert: Assert;
    export default assert;
}
declare module "node:fs" {
    export function readFileSync(path: string, encoding: "utf8"): string;
    export function readdirSync(path: string, options: { recursive: boolean }): string[];
}
declare const process: { env: Record<string, string | undefined> };
