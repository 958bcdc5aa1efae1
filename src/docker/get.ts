import type Dockerode from 'dockerode';

/**
 * GET of a path of the engine's API whose answer is a JSON object. For the reads at which dockerode 5 drops the abort signal
 * (images, networks) or does not declare it (version), so that a silent engine cannot hold them. Rejects as dockerode does.
 */
export async function get<T extends object>(docker: Dockerode, path: string, abortSignal: AbortSignal): Promise<T> {
  return await new Promise<T>((resolve, reject) => {
    docker.modem.dial(
      { path, method: 'GET', abortSignal, statusCodes: { 200: true, 404: 'not found', 500: 'server error' } },
      (error, answer) => (error ? reject(error) : resolve(answer as T)),
    );
  });
}
