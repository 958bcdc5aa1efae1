import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { after, before, describe, it } from 'node:test';
import type { Truth } from '../../../src/reconcile/ports/code-host.ts';
import { isTrouble, known, type Partner, project, soon, startPartner, withFault } from './support.ts';

const gone: Truth = { installation: 'active', repository: null, headSha: null, openPulls: [], closedPullHeads: [] };

describe('the code host over the local GitHub', () => {
  let partner: Partner;
  before(async () => {
    partner = await startPartner({ timeoutMs: 1_000 });
  });
  after(() => partner.close());

  const lookAt = async (of: Awaited<ReturnType<typeof project>>, branch: string) =>
    partner.codeHost.look(of.project, { kind: 'branch', name: branch }, soon());

  it('sees the head of a branch and its open pull requests, lowest number first', async () => {
    const shop = await project(partner.local, 'seen');
    const { repository } = shop;
    const sha = await partner.local.commit({ repository, branch: 'feature/a', from: 'main', files: { a: '1' } });
    await partner.local.createBranch({ repository, branch: 'base' });
    const second = await partner.local.openPullRequest({ repository, head: 'feature/a', base: 'base', title: 'onto base' });
    const first = await partner.local.openPullRequest({ repository, head: 'feature/a', title: 'onto main' });

    const truth = await lookAt(shop, 'feature/a');
    assert.equal(truth.installation, 'active');
    assert.equal(truth.headSha, sha);
    assert.deepEqual(
      truth.openPulls.map(({ number, fork, headSha, headBranch }) => ({ number, fork, headSha, headBranch })),
      [second.number, first.number].map((number) => ({ number, fork: false, headSha: sha, headBranch: 'feature/a' })),
    );
    assert.deepEqual(truth.closedPullHeads, []);
    assert.deepEqual(truth.repository, {
      repositoryId: repository.id,
      installationId: shop.project.installationId,
      owner: 'seen',
      name: 'shop',
      private: false,
      defaultBranch: 'main',
    });
  });

  it('sees the heads of closed pull requests when none is open', async () => {
    const shop = await project(partner.local, 'closed');
    const { repository } = shop;
    const sha = await partner.local.commit({ repository, branch: 'done', from: 'main', files: { a: '1' } });
    const pull = await partner.local.openPullRequest({ repository, head: 'done' });
    await partner.local.closePullRequest({ repository, number: pull.number });
    const truth = await lookAt(shop, 'done');
    assert.deepEqual([truth.headSha, truth.openPulls, truth.closedPullHeads], [sha, [], [sha]]);
  });

  it('finds branches however they are called', async () => {
    const shop = await project(partner.local, 'names');
    const { repository } = shop;
    const names = ['a/b/c', 'quote\'s"', '$(id)`id`', '<script>', '%0d%0a', 'ünï/çødé', 'a&head=x', 'a#b', 'a+b', `long-${'x'.repeat(200)}`];
    for (const [index, branch] of names.entries()) {
      const sha = await partner.local.commit({ repository, branch, from: 'main', files: { f: branch } });
      const pull = index % 2 === 0 ? await partner.local.openPullRequest({ repository, head: branch }) : null;
      const truth = await lookAt(shop, branch);
      assert.equal(truth.headSha, sha, branch);
      assert.deepEqual(truth.openPulls.map(({ number }) => number), pull ? [pull.number] : [], branch);
    }
  });

  it('takes no pull request of a fork for one of the branch of the same name', async () => {
    const shop = await project(partner.local, 'base-of-fork');
    const { repository } = shop;
    partner.local.createAccount({ login: 'stranger' });
    const fork = await partner.local.forkRepository({ repository, owner: 'stranger' });
    const mine = await partner.local.createBranch({ repository, branch: 'same' });
    const theirs = await partner.local.commit({ repository: fork, branch: 'same', from: 'main', files: { x: 'x' } });
    const pull = await partner.local.openPullRequest({ repository, head: 'same', headRepository: fork });

    const branch = await lookAt(shop, 'same');
    assert.deepEqual([branch.headSha, branch.openPulls], [mine, []]);
    const forked = await partner.codeHost.look(shop.project, { kind: 'pull', number: pull.number }, soon());
    assert.equal(forked.headSha, theirs);
    assert.deepEqual(forked.openPulls.map(({ number, fork: isFork }) => [number, isFork]), [[pull.number, true]]);

    await partner.local.deleteRepository(fork);
    const orphan = await partner.codeHost.openPulls(shop.project, soon());
    assert.deepEqual(orphan.map((one) => one.fork), orphan.map(() => true));
    await partner.local.closePullRequest({ repository, number: pull.number });
    const closed = await partner.codeHost.look(shop.project, { kind: 'pull', number: pull.number }, soon());
    assert.deepEqual([closed.openPulls, closed.closedPullHeads], [[], [theirs]]);
  });

  it('believes that a branch is gone when its repository answers after it', async () => {
    const shop = await project(partner.local, 'branchless');
    const truth = await lookAt(shop, 'never');
    assert.equal(truth.headSha, null);
    assert.notEqual(truth.repository, null);
  });

  it('believes nothing of a branch when its repository does not answer after it', async () => {
    const shop = await project(partner.local, 'unsure');
    let asked = 0;
    partner.local.intercept(({ path }) => (/^\/repositories\/\d+$/.test(path) && ++asked === 2 ? { status: 502 } : undefined));
    try {
      await assert.rejects(lookAt(shop, 'never'), isTrouble(/502/));
    } finally {
      partner.local.intercept(undefined);
    }
    assert.equal(asked, 2);
  });

  it('follows a renamed repository, and is not fooled by another one under the old name', async () => {
    const shop = await project(partner.local, 'renamer');
    const { repository } = shop;
    const sha = await partner.local.commit({ repository, branch: 'x', from: 'main', files: { a: '1' } });
    partner.local.renameRepository(repository, 'store');
    assert.equal((await lookAt(shop, 'x')).headSha, sha);
    const impostor = await partner.local.createRepository({ owner: 'renamer', name: 'shop', files: { other: '1' } });
    await partner.local.commit({ repository: impostor, branch: 'x', from: 'main', files: { a: '2' } });
    const truth = await lookAt(shop, 'x');
    assert.equal(truth.headSha, sha);
    assert.equal((truth.repository as { name: string }).name, 'store');
  });

  it('knows a deleted repository by its absence from the whole list of its installation', async () => {
    const shop = await project(partner.local, 'deleter');
    await lookAt(shop, 'main');
    await partner.local.deleteRepository(shop.repository);
    assert.deepEqual(await lookAt(shop, 'main'), gone);
  });

  it('removes nothing when the repository is refused but still listed', async () => {
    const shop = await project(partner.local, 'contradicted');
    const refused = { status: 404, body: { message: 'Not Found' } };
    await withFault(partner.local, { method: 'GET', path: /^\/repositories\/\d+$/ }, refused, () =>
      assert.rejects(lookAt(shop, 'main'), isTrouble(/404/)),
    );
  });

  it('takes a pull request for closed only by its own word, whatever the list lacks', async () => {
    const shop = await project(partner.local, 'short-list');
    const { repository } = shop;
    const sha = await partner.local.commit({ repository, branch: 'a', from: 'main', files: { a: '1' } });
    const { number } = await partner.local.openPullRequest({ repository, head: 'a' });
    const look = (openBefore: number[]) => partner.codeHost.look(shop.project, { kind: 'branch', name: 'a' }, soon(), openBefore);
    await withFault(partner.local, { method: 'GET', path: /^\/repos\/short-list\/shop\/pulls$/ }, { status: 200, body: [] }, async () => {
      await assert.rejects(look([number]), isTrouble(/#1 is open, and not in the list/));
      assert.deepEqual((await look([])).openPulls, [], 'one that was not known is not asked for');
    });
    assert.deepEqual((await look([number])).openPulls.map((pull) => pull.number), [number]);
    await partner.local.closePullRequest({ repository, number });
    const after = await look([number]);
    assert.deepEqual([after.openPulls, after.headSha, after.closedPullHeads], [[], sha, [sha]]);
  });

  it('removes nothing when the list cannot be read to its end', async () => {
    const shop = await project(partner.local, 'half-list');
    await partner.local.deleteRepository(shop.repository);
    for (const fault of [{ status: 500 }, 'drop' as const, { status: 200, body: '<html>sign in</html>' }, { status: 200, body: {} }]) {
      await withFault(partner.local, { method: 'GET', path: /^\/installation\/repositories/ }, fault, () =>
        assert.rejects(lookAt(shop, 'main'), isTrouble()),
      );
    }
  });

  it('knows a repository that the App was removed from', async () => {
    const shop = await project(partner.local, 'remover');
    await partner.local.createRepository({ owner: 'remover', name: 'other', files: { a: '1' } });
    partner.local.removeRepositoryFromInstallation(shop.repository);
    assert.deepEqual(await lookAt(shop, 'main'), gone);
  });

  it('knows a public repository that the App was removed from, which anybody can still read', async () => {
    const shop = await project(partner.local, 'open-remover');
    await partner.local.createRepository({ owner: 'open-remover', name: 'other', files: { a: '1' } });
    const { token } = await partner.codeHost.cloneAccess(shop.project, soon());
    const readable = /^\/repositories\/\d+$|\/git\/ref\/|\/pulls$/;
    const bodies = new Map<string, unknown>();
    for (const path of [`/repositories/${shop.repository.id}`, '/repos/open-remover/shop/git/ref/heads%2Fmain']) {
      const answer = await fetch(`${partner.local.url}/api/v3${path}`, { headers: { authorization: `token ${token}` } });
      assert.equal(answer.status, 200);
      bodies.set(path, await answer.json());
    }
    partner.local.removeRepositoryFromInstallation(shop.repository);
    partner.local.intercept(({ kind, path }) => (kind === 'rest' && readable.test(path) ? { status: 200, body: bodies.get(path) ?? [] } : undefined));
    try {
      assert.deepEqual(await lookAt(shop, 'main'), gone);
    } finally {
      partner.local.intercept(undefined);
    }
  });

  for (const [called, isPrivate] of [['a public', false], ['a private', true]] as const) {
    it(`follows ${called} repository to another account that has the App`, async () => {
      const from = await project(partner.local, `from-${isPrivate}`, { private: isPrivate });
      const to = await project(partner.local, `to-${isPrivate}`);
      partner.local.renameRepository(from.repository, 'moving');
      const sha = partner.local.branches(from.repository)['main'];
      const { id: _, ...facts } = from.project;
      partner.local.transferRepository(from.repository, `to-${isPrivate}`);
      const impostor = await partner.local.createRepository({ owner: `from-${isPrivate}`, name: 'moving', files: { other: '1' } });
      for (const name of ['shop', 'moving']) {
        const truth = await partner.codeHost.look({ ...from.project, name }, { kind: 'branch', name: 'main' }, soon());
        const { repository, headSha } = truth;
        // Under its former name GitHub shows another repository now: nothing leads from there to a private one that went.
        if (isPrivate && name === 'moving') assert.deepEqual(truth, gone);
        else assert.deepEqual([repository, headSha], [{ ...facts, installationId: to.project.installationId, owner: `to-${isPrivate}`, name: 'moving' }, sha]);
      }
      await partner.local.deleteRepository(impostor);
      partner.local.deleteInstallation(`from-${isPrivate}`);
      const { installation, headSha } = await partner.codeHost.look(from.project, { kind: 'branch', name: 'main' }, soon());
      assert.deepEqual([installation, headSha], ['active', sha]);
    });
  }

  it('knows a repository that was transferred to an account without the App, whoever has its name now', async () => {
    for (const isPrivate of [false, true]) {
      const shop = await project(partner.local, `giver-${isPrivate}`, { private: isPrivate });
      partner.local.createAccount({ login: `taker-${isPrivate}` });
      partner.local.transferRepository(shop.repository, `taker-${isPrivate}`);
      assert.deepEqual(await lookAt(shop, 'main'), gone);
      await partner.local.createRepository({ owner: `giver-${isPrivate}`, name: 'shop', files: { other: '1' } });
      assert.deepEqual(await lookAt(shop, 'main'), gone);
    }
  });

  it('takes a repository that went to an account where the App is suspended for one that sleeps', async () => {
    const shop = await project(partner.local, 'to-sleeper');
    await project(partner.local, 'asleep-already');
    partner.local.renameRepository(shop.repository, 'bed');
    partner.local.transferRepository(shop.repository, 'asleep-already');
    partner.local.suspendInstallation('asleep-already');
    assert.deepEqual((await lookAt(shop, 'main')).installation, 'suspended');
    partner.local.unsuspendInstallation('asleep-already');
    assert.equal((await lookAt(shop, 'main')).installation, 'active');
  });

  it('removes nothing when GitHub does not say whether another installation has the repository', async () => {
    const shop = await project(partner.local, 'silent');
    await partner.local.deleteRepository(shop.repository);
    for (const fault of [{ status: 500 }, { status: 403, body: { message: 'Forbidden' } }, 'drop' as const, { status: 200, body: {} }]) {
      await withFault(partner.local, { method: 'GET', path: /^\/repos\/silent\/shop\/installation$/ }, fault, () => assert.rejects(lookAt(shop, 'main'), isTrouble()));
    }
    assert.deepEqual(await lookAt(shop, 'main'), gone);
  });

  it('knows a suspended installation, and one that came back', async () => {
    const shop = await project(partner.local, 'sleeper');
    partner.local.suspendInstallation('sleeper');
    const truth = await lookAt(shop, 'main');
    assert.deepEqual([truth.installation, truth.repository], ['suspended', 'unknown']);
    assert.deepEqual((await partner.codeHost.installations(soon())).filter(({ account }) => account === 'sleeper'), [
      { id: shop.project.installationId, account: 'sleeper', suspended: true },
    ]);
    partner.local.unsuspendInstallation('sleeper');
    assert.equal((await lookAt(shop, 'main')).installation, 'active');
  });

  it('knows a deleted installation', async () => {
    const shop = await project(partner.local, 'leaver');
    partner.local.deleteInstallation('leaver');
    const truth = await lookAt(shop, 'main');
    assert.deepEqual([truth.installation, truth.repository], ['deleted', null]);
  });

  it('lists heads beyond one page', async () => {
    const shop = await project(partner.local, 'many');
    const { repository } = shop;
    const branches = Array.from({ length: 101 }, (_, i) => `main:refs/heads/b-${i}`);
    await pushAll(partner.local.personUrl(repository, 'many-admin'), branches);
    const heads = await partner.codeHost.heads(shop.project, soon());
    assert.equal(heads.length, 102);
    assert.deepEqual(Object.fromEntries(heads.map(({ branch, sha }) => [branch, sha])), partner.local.branches(repository));
  });

  it('gives a token that opens this repository and no other', async () => {
    const shop = await project(partner.local, 'cloner', { private: true });
    const other = await partner.local.createRepository({ owner: 'cloner', name: 'secret', private: true, files: { a: '1' } });
    const { url, token } = await partner.codeHost.cloneAccess(shop.project, soon());
    assert.equal(url, `${partner.local.url}/cloner/shop.git`);
    const refs = (address: string) =>
      fetch(`${address}/info/refs?service=git-upload-pack`, {
        headers: { authorization: `Basic ${Buffer.from(`x-access-token:${token}`).toString('base64')}` },
      });
    assert.equal((await refs(url)).status, 200);
    assert.notEqual((await refs(`${partner.local.url}/cloner/secret.git`)).status, 200);
    const rest = await fetch(`${partner.local.url}/api/v3/repositories/${other.id}`, { headers: { authorization: `token ${token}` } });
    assert.equal(rest.status, 404);
    await assert.rejects(partner.codeHost.cloneAccess({ ...shop.project, repositoryId: 1 }, soon()), isTrouble(/422/));
  });

  it('makes one token for many requests at once', async () => {
    const shop = await project(partner.local, 'thrifty');
    const mints = () => partner.local.requests().filter(({ url }) => url.endsWith(`/installations/${shop.project.installationId}/access_tokens`));
    await Promise.all(Array.from({ length: 5 }, () => lookAt(shop, 'main')));
    assert.equal(mints().length, 1);
  });

  it('lists what an installation covers', async () => {
    const shop = await project(partner.local, 'covered');
    const other = await partner.local.createRepository({ owner: 'covered', name: 'other', private: true, files: { a: '1' } });
    const listed = await partner.codeHost.repositories(shop.project.installationId, soon());
    const ids = listed.map(({ repositoryId, private: isPrivate }) => [repositoryId, isPrivate]);
    assert.deepEqual(ids, [[shop.repository.id, false], [other.id, true]]);
    assert.equal(known(other, shop.project.installationId).name, 'other');
  });
});

/** One push of many refs by a person with a clone. */
async function pushAll(url: string, refspecs: string[]): Promise<void> {
  const dir = await mkdtemp(join(tmpdir(), 'kosuke-clone-'));
  try {
    await promisify(execFile)('git', ['clone', '--quiet', url, dir]);
    await promisify(execFile)('git', ['-C', dir, 'push', '--quiet', 'origin', ...refspecs]);
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}
