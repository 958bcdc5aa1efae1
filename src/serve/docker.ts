import Dockerode from 'dockerode';

/** A client of the engine at `DOCKER_HOST` (`unix:///path`, `tcp://host:port`, `http://…`); `null`: the usual socket. */
export function connectDocker(dockerHost: string | null): Dockerode {
  if (dockerHost === null) return new Dockerode({ socketPath: '/var/run/docker.sock' });
  const url = new URL(dockerHost);
  if (url.protocol === 'unix:') return new Dockerode({ socketPath: url.pathname });
  const protocol = url.protocol === 'https:' ? 'https' : 'http';
  return new Dockerode({ protocol, host: url.hostname, port: Number(url.port === '' ? 2375 : url.port) });
}

/** Whether the engine is on the machine of this program, as far as its address tells. */
export function isThisMachine(dockerHost: string | null): boolean {
  return dockerHost === null || new URL(dockerHost).protocol === 'unix:';
}
