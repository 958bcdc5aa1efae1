import type { StdioOptions } from 'node:child_process';

export function runGroup(
  command: string,
  args: string[],
  options: {
    seconds: number;
    stdio: StdioOptions;
    env: NodeJS.ProcessEnv;
    cwd?: string;
    signal?: AbortSignal;
    sweep?: boolean;
  },
): Promise<string | undefined>;
