import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, open as openFile, rm, statfs } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { eventually } from '../../support/eventually.ts';
import type { CaseRun } from '../lab/case.ts';
import { type Lab, withLab } from '../lab/lab.ts';
import type { Tale } from '../lab/snapshot.ts';
import { close, newRepository, open, push } from '../lab/tales.ts';

const run = promisify(execFile);
const mib = 1024 ** 2;

/** The program's data on a small file system in a file, which fills up: until no build fits, and until not a byte does. */
export async function fullDisk(caseRun: CaseRun): Promise<void> {
  const dir = await mkdtemp(join(tmpdir(), 'kosuke-full-'));
  const [file, mounted] = [join(dir, 'disk'), join(dir, 'mounted')];
  await mkdir(mounted);
  await run('truncate', ['--size', String(400 * mib), file]);
  await run('mkfs.ext4', ['-q', '-m', '0', file]);
  await run('mount', ['-o', 'loop', file, mounted]);
  try {
    const data = join(mounted, 'data');
    await mkdir(data);
    await withLab({ seed: caseRun.seed, settings: { DATA_DIR: data, DISK_BUDGET: 'none' } }, async (lab) => {
      await caseRun.check('no build fits on the disk, until there is room again', () => filled(lab, mounted, 25 * mib, (pushed) => noBuild(lab, pushed)));
      await caseRun.check('the disk is full to the last byte, until there is room again', () => filled(lab, mounted, 0, () => noByte(caseRun, lab)));
      await caseRun.check('all of it settles', () => lab.converge({ strictness: 'settled' }));
    });
  } finally {
    await run('umount', [mounted]);
    await rm(dir, { recursive: true });
  }
}

/** Two previews run before; a push to one and the closing of another come while only so many bytes are free, and `meanwhile`. */
async function filled(lab: Lab, mounted: string, freeBytes: number, meanwhile: (pushed: Tale) => Promise<void>): Promise<number> {
  const repository = await newRepository(lab, `disk-${freeBytes / mib}`);
  const [kept, pushed, closed] = [await open(lab, repository, 'kept'), await open(lab, repository, 'pushed'), await open(lab, repository, 'closed')];
  await lab.converge();
  const ballast = join(mounted, 'ballast');
  await fillUp(ballast, mounted, freeBytes);
  await push(lab, pushed);
  await close(lab, closed);
  await meanwhile(pushed);
  // What asks for no room goes on.
  const wrong = (await lab.violations()).filter((text) => text.startsWith(`${kept.repository.fullName}#${kept.number} `));
  if (wrong.length > 0) throw new Error(wrong.join('; '));
  await rm(ballast);
  if (lab.world.program.pid === null) await lab.world.program.start();
  const ms = await lab.converge();
  lab.rest();
  return ms;
}

/** The ledger takes all, and what was pushed waits with a reason. */
async function noBuild(lab: Lab, { repository, number }: Tale): Promise<void> {
  await lab.world.github.delivered();
  const refused = lab.world.github.deliveries().filter(({ status }) => status < 200 || status >= 300);
  if (refused.length > 0) throw new Error(`${refused.length} webhooks were refused: the first with ${refused[0]!.status}`);
  await eventually('the pull request says why it waits', () => lab.world.github.comments(repository, number).some(({ body }) => /no room on the disk/.test(body)), { within: 30_000 });
}

/** Webhooks come all the time: each is taken and stored, which is one of the invariants, or refused. */
async function noByte(caseRun: CaseRun, lab: Lab): Promise<void> {
  const { github } = lab.world;
  const before = github.deliveries().length;
  const until = performance.now() + fullMs;
  while (performance.now() < until) {
    github.ping();
    await github.delivered();
    await delay(50);
  }
  const statuses = github.deliveries().slice(before).map(({ status }) => status);
  const [taken, refused] = [statuses.filter((status) => status >= 200 && status < 300).length, statuses.filter((status) => status === 503).length];
  caseRun.note(`${taken} webhooks were taken, ${refused} refused with 503${lab.world.program.pid === null ? '; the program ended' : ''}`);
  if (taken + refused !== statuses.length) throw new Error(`webhooks were answered ${[...new Set(statuses)].join(', ')}`);
}

const fullMs = 8_000;

/** Takes room by writing, until only so many bytes are left. */
async function fillUp(path: string, mounted: string, freeBytes: number): Promise<void> {
  const file = await openFile(path, 'w');
  try {
    for (const size of [mib, 4096]) {
      const piece = Buffer.alloc(size);
      for (;;) {
        const { bavail, bsize } = await statfs(mounted);
        if (bavail * bsize - size < freeBytes) break;
        await file.write(piece);
      }
    }
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOSPC')) throw error;
  } finally {
    await file.close();
  }
}
