import { KosukeError } from '../domain/errors.ts';
import { engineVerbs, type EngineVerb } from '../reconcile/ports/metrics.ts';

/**
 * The same engine, or builder, which tells of what was asked of it in vain. Only failures of the engine count: not what an image is at fault
 * for, nor what its caller gave up.
 */
export function countFailures<T extends object>(port: T, failed: (verb: EngineVerb) => void): T {
  const entries = Object.entries(port).map(([name, method]: [string, Method]) => [name, isVerb(name) ? counting(method, () => failed(name)) : method]);
  return Object.fromEntries(entries) as T;
}

type Method = (...args: unknown[]) => Promise<unknown>;

function isVerb(name: string): name is EngineVerb {
  return (engineVerbs as readonly string[]).includes(name);
}

function counting(method: Method, failed: () => void): Method {
  return async (...args) => {
    try {
      return await method(...args);
    } catch (error) {
      if (error instanceof KosukeError && error.failure.code === 'engine') failed();
      throw error;
    }
  };
}
