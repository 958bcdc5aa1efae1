import type { Screen } from './screen.ts';

/** What happened, for one line on the screen. */
export type Step = {
  at: Date;
  /** One word, e.g. `fetch`. */
  word: string;
  text: string;
  /** `begin`: time counts from here on. `detail`: of less weight. `good` and `bad`: coloured. */
  look?: 'begin' | 'detail' | 'good' | 'bad';
};

/** Steps come from several places that are looked at one after the other; they are shown in the order in which they happened. */
export type Timeline = {
  add(step: Step): void;
  /** Shows what happened up to a quarter of a second ago: nothing older can come. */
  show(now: Date): void;
  /** Shows all there is. */
  finish(): void;
};

/** Longer than it takes to look at every place once. */
const lagMs = 250;

export function createTimeline(screen: Screen): Timeline {
  const waiting: Step[] = [];
  let zero = 0;
  const showUntil = (until: number) => {
    waiting.sort((a, b) => a.at.getTime() - b.at.getTime());
    for (let step = waiting[0]; step !== undefined && step.at.getTime() <= until; step = waiting[0]) {
      waiting.shift();
      if (step.look === 'begin') {
        zero = step.at.getTime();
        screen.line('');
      }
      screen.step(step, step.at.getTime() - zero);
    }
  };
  return {
    add: (step) => void waiting.push(step),
    show: (now) => showUntil(now.getTime() - lagMs),
    finish: () => showUntil(Infinity),
  };
}
