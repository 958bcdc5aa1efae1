export function shared<Cut extends { schemas: Record<string, object> }>(cut: Cut): Cut;
