import { appendFile, chmod, chown, copyFile, mkdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { install } from './debian.mjs';
import { pinnedNode, root } from './paths.mjs';
import { run } from './run.mjs';

/**
 * Fills the root of a stand-in for `node:24-slim`: a minimal Debian bookworm, the pinned Node, npm, the user `node`.
 * @type {import('./images.mjs').BaseImage['fill']}
 */
export async function fillNode(job, directory, scratch) {
  await install(job, ['debootstrap']);
  job.doing('debootstrap of Debian bookworm for node:24-slim');
  // A mount namespace of its own: what debootstrap mounts cannot outlive it, or be reached by removing the directory.
  await run(job, 'unshare', ['--mount', 'debootstrap', '--variant=minbase', 'bookworm', directory, await mirror(job)], { seconds: 600 });
  for (const path of NOT_NEEDED) await rm(join(directory, path), { recursive: true, force: true });
  for (const path of ['var/lib/apt/lists', 'var/cache/apt', 'var/log']) await mkdir(join(directory, path), { recursive: true });

  job.doing('putting Node and npm into node:24-slim');
  await copyFile(pinnedNode, join(directory, 'usr/local/bin/node'));
  await addNpm(job, directory, scratch);
  await addUser(directory);
  await writeFile(join(directory, 'usr/local/bin/docker-entrypoint.sh'), ENTRYPOINT);
  await chmod(join(directory, 'usr/local/bin/docker-entrypoint.sh'), 0o755);
  const { version } = JSON.parse(await readFile(join(root, 'node_modules/node/package.json'), 'utf8'));
  return [
    'ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
    `ENV NODE_VERSION=${version}`,
    'ENTRYPOINT ["docker-entrypoint.sh"]',
    'CMD ["node"]',
  ];
}

const NPM_VERSION = '11.21.2';
const NOT_NEEDED = ['var/lib/apt/lists', 'var/cache', 'var/log', 'usr/share/doc', 'usr/share/man', 'usr/share/info', 'usr/share/locale'];

// As the original does: what is not a command is taken for a script or an option of node.
const ENTRYPOINT = `#!/bin/sh
set -e
if [ "\${1#-}" != "$1" ] || [ -z "$(command -v "$1")" ] || { [ -f "$1" ] && ! [ -x "$1" ]; }; then
  set -- node "$@"
fi
exec "$@"
`;

/** The archive that this machine's own apt uses. */
async function mirror(job) {
  const lines = await run(job, 'apt-get', ['indextargets', '--format', '$(ORIGIN) $(COMPONENT) $(CODENAME) $(REPO_URI)'], { seconds: 30 });
  const archives = lines.split('\n').map((line) => line.trim().split(' '));
  const main = archives.find(([origin, component, codename]) => origin === 'Debian' && component === 'main' && /^[a-z]+$/.test(codename));
  return main?.[3] ?? 'http://deb.debian.org/debian';
}

// From the registry, because a machine's npm may be spread over the packages of its distribution.
async function addNpm(job, directory, scratch) {
  await run(job, 'npm', ['pack', `npm@${NPM_VERSION}`, '--silent'], { seconds: 300, cwd: scratch });
  const modules = join(directory, 'usr/local/lib/node_modules/npm');
  await mkdir(modules, { recursive: true });
  const archive = join(scratch, `npm-${NPM_VERSION}.tgz`);
  await run(job, 'tar', ['--no-same-owner', '--strip-components=1', '-xzf', archive, '-C', modules], { seconds: 60 });
  for (const path of ['docs', 'man']) await rm(join(modules, path), { recursive: true, force: true });
  for (const name of ['npm', 'npx']) {
    await chmod(join(modules, `bin/${name}-cli.js`), 0o755);
    await symlink(`../lib/node_modules/npm/bin/${name}-cli.js`, join(directory, `usr/local/bin/${name}`));
  }
  await symlink('node', join(directory, 'usr/local/bin/nodejs'));
}

async function addUser(directory) {
  await appendFile(join(directory, 'etc/passwd'), 'node:x:1000:1000::/home/node:/bin/bash\n');
  await appendFile(join(directory, 'etc/group'), 'node:x:1000:\n');
  await mkdir(join(directory, 'home/node'));
  await chown(join(directory, 'home/node'), 1000, 1000);
}
