/** What a worker process asks of the world that its parent holds: a method of one of the ports. */
export type Call = { kind: 'call'; no: number; part: Part; method: string; args: unknown[] };
export type Reply = { no: number; value: unknown } | { no: number; error: { name: string; message: string } };

/** A lease that a worker got or is about to give back; `at` (ns) on the one clock of all processes. */
export type Lease = { kind: 'claimed' | 'releasing'; previewId: number; leaseNo: number; at: bigint };
export type Ready = { kind: 'ready' };

export type Part = 'engine' | 'edge' | 'codeHost' | 'builder';
export type Told = Call | Lease | Ready;
