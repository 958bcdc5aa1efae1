export function schemaTaker(document: object, options?: { closed?: boolean }): { take(schema: object): object; named(): Record<string, object> };
export function lookUp(document: object, pointer: string): unknown;
