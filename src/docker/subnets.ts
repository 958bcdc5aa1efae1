/** An IPv4 range: the first address and the number of leading bits that all its addresses share. */
export type Subnet = { first: number; bits: number };

/** `10.232.0.0/16` → `Subnet`; throws `TypeError` for anything else. Bits behind the prefix are cleared. */
export function parseSubnet(text: string): Subnet {
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})\/(\d{1,2})$/.exec(text);
  const parts = match?.slice(1, 5).map(Number);
  const bits = Number(match?.[5]);
  if (!parts || parts.some((part) => part > 255) || bits > 32) throw new TypeError(`not an IPv4 subnet: ${text}`);
  const address = parts.reduce((sum, part) => sum * 256 + part, 0);
  return { first: address - (address % sizeOf(bits)), bits };
}

export function formatSubnet(subnet: Subnet): string {
  const parts = [24, 16, 8, 0].map((shift) => Math.floor(subnet.first / 2 ** shift) % 256);
  return `${parts.join('.')}/${subnet.bits}`;
}

/** The parts of `pool` that are `bits` long and overlap none of `taken`, lowest first. */
export function* freeSubnets(pool: Subnet, bits: number, taken: readonly Subnet[]): Generator<Subnet> {
  const end = pool.first + sizeOf(pool.bits);
  for (let first = pool.first; first < end; first += sizeOf(bits)) {
    const candidate = { first, bits };
    if (!taken.some((other) => overlap(candidate, other))) yield candidate;
  }
}

function overlap(a: Subnet, b: Subnet): boolean {
  return a.first < b.first + sizeOf(b.bits) && b.first < a.first + sizeOf(a.bits);
}

function sizeOf(bits: number): number {
  return 2 ** (32 - bits);
}
