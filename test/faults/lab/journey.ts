import type { RepositorySnapshot } from '../../../src/demo/github/index.ts';
import type { Lab } from './lab.ts';
import type { Tale } from './snapshot.ts';
import { close, open, push, sleep } from './tales.ts';

export const phases = ['deploy', 'switch', 'sleep', 'remove'] as const;
export type Phase = (typeof phases)[number];

/**
 * The life of one preview: opened, pushed to, put to sleep, closed. `begin` resolves once that is said, with what must be said again if the program ended
 * without an answer: GitHub keeps what people do there, but a command that got no answer was not accepted.
 */
export function journey(lab: Lab, repository: RepositorySnapshot): { begin(phase: Phase): Promise<() => Promise<unknown>> } {
  let tale: Tale | undefined;
  const begun = (): Tale => {
    if (tale === undefined) throw new Error('the journey has not begun');
    return tale;
  };
  const nothing = () => Promise.resolve();
  return {
    async begin(phase) {
      switch (phase) {
        case 'deploy':
          tale = await open(lab, repository, 'feature');
          return nothing;
        case 'switch':
          await push(lab, begun());
          return nothing;
        case 'sleep':
          return (await sleep(lab, begun())) ? nothing : () => sleep(lab, begun());
        case 'remove':
          await close(lab, begun());
          return nothing;
      }
    },
  };
}
