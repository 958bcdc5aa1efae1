import { canListen } from '../edge/free-port.ts';

/** `port` when nothing listens there on this machine, else 0: any free one. */
export async function freeOrAny(port: number): Promise<number> {
  return (await canListen(port)) ? port : 0;
}
