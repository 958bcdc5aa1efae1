type Job = { doing: (what: string) => void; signal: AbortSignal; log: string };

export function readyPostgres(job: Job, machine?: { bin?: () => string | undefined; mayInstall?: () => boolean }): Promise<string>;
