import { readFile } from 'node:fs/promises';
import type { World } from '../../../src/demo/world.ts';
import { enginePlaces } from '../../support/secrets/engine-places.ts';
import { findSecrets, type Place, type Secret } from '../../support/secrets/search.ts';
import type { Tale } from './snapshot.ts';

/** Where a secret of the program stands that nobody else may know, a sentence each: in its log, at GitHub, on the engine or in a row. */
export async function secretsSeen(world: World, tales: readonly Tale[], more: readonly Place[] = []): Promise<string[]> {
  const { program, github } = world;
  const places: Place[] = [...more, { where: "the program's log", what: await readFile(program.logFile, 'utf8').catch(() => '') }, ...(await enginePlaces(world))];
  for (const { repository, number } of tales) {
    places.push(...github.comments(repository, number).map(({ body }) => ({ where: `a comment on #${number}`, what: body })));
    places.push({ where: `the deployments of ${repository.fullName}`, what: JSON.stringify(github.deployments(repository)) });
  }
  places.push({ where: 'addresses that were asked for at GitHub', what: github.requests().map(({ url }) => url).join('\n') });
  return findSecrets(places, secretsOf(world)).map(({ secret, form, where }) => `${secret} stands in ${where} (${form})`);
}

function secretsOf({ program, github }: World): Secret[] {
  const keyLines = program.env['PRIVATE_KEY']!.split('\n').filter((line) => line.length > 40 && !line.includes('---'));
  return [
    { name: 'the webhook secret', value: program.env['WEBHOOK_SECRET']! },
    ...keyLines.slice(0, 3).map((value, at) => ({ name: `line ${at + 1} of the private key`, value })),
    ...github.credentials().map((value) => ({ name: 'a credential of GitHub', value })),
  ];
}
