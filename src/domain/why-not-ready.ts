import type { Failure } from './errors.ts';
import { portList, type SeenPort } from './ports.ts';

/** A version whose container ended. `denied`: a program that was not let start for want of capabilities. */
export function exited(exitCode: number | null, denied: { program: string; lacks: readonly string[] } | null): Failure {
  const what = `The app exited${exitCode === null ? '' : ` with code ${exitCode}`} before it answered`;
  if (denied !== null) {
    const lacks = `${denied.lacks.length === 1 ? 'the capability' : 'the capabilities'} ${denied.lacks.join(', ')}`;
    return {
      code: 'exited',
      fault: 'app',
      what,
      why: `the file of ${denied.program} asks for ${lacks}, which no container has here, so the kernel does not let it start`,
      next: `Take that off the file in the Dockerfile (\`RUN setcap -r ${denied.program}\`), or use an image without it.`,
    };
  }
  return {
    code: 'exited',
    fault: 'app',
    what,
    why: exitCode === 137 ? 'code 137 means that it was killed, most often for want of memory' : '',
    next: 'The container\'s command must keep running and serve HTTP. Look at the log below, fix it and push.',
  };
}

/**
 * A version whose app does not listen where it was expected, by what it was `seen` to do on its ports; `null`: it does, or that is not known. What is
 * advised does not stand there already.
 */
export function wrongPort(seen: readonly SeenPort[] | null, { expected, exposed }: { expected: number; exposed: readonly number[] }): Failure | null {
  const own = seen?.find(({ port }) => port === expected);
  if (seen === null || (own !== undefined && !own.loopbackOnly && own.answer?.kind !== 'refused')) return null;
  const failure = { code: 'wrong-port', fault: 'app', what: `The app does not listen on port ${expected}` } as const;
  if (own?.loopbackOnly) {
    return { ...failure, why: `it listens on 127.0.0.1:${expected} only, where nothing outside its container reaches it`, next: `Let the app listen on 0.0.0.0:${expected}.` };
  }
  if (own !== undefined) {
    return { ...failure, why: `it listens there on IPv6 only, and containers are reached by IPv4`, next: `Let the app listen on 0.0.0.0:${expected}.` };
  }
  const onPort = `Let the app listen on 0.0.0.0 and the port in the variable PORT (${expected})`;
  const open = seen.filter(({ loopbackOnly }) => !loopbackOnly).map(({ port }) => port);
  const inside = seen.filter(({ loopbackOnly }) => loopbackOnly).map(({ port }) => `127.0.0.1:${port}`);
  if (open.length === 0) {
    const why = inside.length === 0 ? 'it listens on no port at all' : `it listens on ${inside.join(' and ')} only, where nothing outside its container reaches it`;
    return { ...failure, why, next: `${onPort}.` };
  }
  const unexposed = open.filter((port) => !exposed.includes(port));
  const expose = unexposed.length === 0 ? '' : `, or write the right one of them into the Dockerfile: ${unexposed.slice(0, 5).map((port) => `EXPOSE ${port}`).join(' or ')}`;
  return { ...failure, why: `it listens on ${open.length === 1 ? 'port' : 'ports'} ${portList(open)} instead`, next: `${onPort}${expose}.` };
}

/** A version that did not answer as it should. `lastAnswer` to `host`, e.g. `status 500`. */
export function notReady({ expected, host, timeoutMs, lastAnswer }: { expected: number; host: string; timeoutMs: number; lastAnswer: string }): Failure {
  return {
    code: 'not-ready',
    fault: 'app',
    what: `The app did not answer on port ${expected} within ${Math.round(timeoutMs / 1000)} s`,
    why: lastAnswer === '' ? '' : `its last answer to GET / for ${host} was ${lastAnswer}`,
    next: 'GET / must answer with a status below 500. Look at the log below, fix it and push.',
  };
}
