import type Dockerode from 'dockerode';
import type { Logger } from 'pino';

/** What every verb needs. */
export type Context = {
  docker: Dockerode;
  /** The instance id; what carries it in `kosuke.instance` is ours. */
  instance: string;
  log: Logger;
  /** Time limit of one request in milliseconds; verbs that wait for a process to start or end add to it. */
  limitMs: number;
};
