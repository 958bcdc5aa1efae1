import { copyFile, mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { unpack } from './debian.mjs';
import { run } from './run.mjs';

/**
 * Fills the root of a stand-in for `busybox`: the static binary of Debian, every applet of it linked in /bin.
 * @type {import('./images.mjs').BaseImage['fill']}
 */
export async function fillBusybox(job, directory, scratch) {
  const fetched = join(scratch, 'package');
  await mkdir(fetched);
  await unpack(job, 'busybox-static', fetched);

  for (const path of ['bin', 'etc', 'home', 'root', 'usr', 'var']) await mkdir(join(directory, path));
  await mkdir(join(directory, 'usr/bin'));
  await mkdir(join(directory, 'tmp'));
  await run(job, 'chmod', ['1777', join(directory, 'tmp')], { seconds: 10 });
  const busybox = join(directory, 'bin/busybox');
  await copyFile(join(fetched, 'bin/busybox'), busybox);
  for (const applet of (await run(job, busybox, ['--list'], { seconds: 10 })).trim().split('\n')) {
    if (applet !== 'busybox') await symlink('busybox', join(directory, 'bin', applet));
  }
  await symlink('../../bin/env', join(directory, 'usr/bin/env'));
  await writeFile(join(directory, 'etc/passwd'), 'root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/home:/bin/false\n');
  await writeFile(join(directory, 'etc/group'), 'root:x:0:\nnobody:x:65534:\n');
  return ['ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', 'CMD ["sh"]'];
}
