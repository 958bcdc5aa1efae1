import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import Dockerode, { type ContainerCreateOptions } from 'dockerode';
import { createEngine } from '../../../src/docker/engine.ts';
import { KosukeError } from '../../../src/domain/errors.ts';
import { engineForTest } from '../../support/engine.ts';

const { docker, instance, log, spec, image, cleanUp } = engineForTest();
after(cleanUp);

test('an image that gets reserved labels between the look at it and the create is found out before the start', async () => {
  const evil = await image('evil', ['LABEL traefik.http.routers.evil.rule=x', 'CMD ["sleep", "600"]']);
  const name = await image('good', ['CMD ["sleep", "600"]']);
  const [repo = '', tag = ''] = name.split(':');
  // Without its name the engine keeps it; who takes the name away removes it.
  const { Id: unnamed } = await docker.getImage(name).inspect();
  after(() => docker.getImage(unnamed).remove({ force: true }));
  const created: string[] = [];
  const racing = new Dockerode();
  // At the last moment somebody gives the name that was looked at to another image.
  const createContainer = async (options: ContainerCreateOptions) => {
    await docker.getImage(evil).tag({ repo, tag });
    const container = await docker.createContainer(options);
    created.push(container.id);
    return container;
  };
  const engine = createEngine({ docker: Object.assign(racing, { createContainer }), instance, subnets: '10.232.0.0/16', log });
  const asked = spec(31, { image: name });
  await assert.rejects(engine.createContainer(asked, AbortSignal.timeout(20_000)), (error) => {
    assert.ok(error instanceof KosukeError, String(error));
    assert.deepEqual([error.failure.code, error.failure.fault], ['reserved-labels', 'app']);
    assert.match(error.failure.what, /traefik\.http\.routers\.evil\.rule=x/);
    return true;
  });
  assert.equal(created.length, 1);
  assert.deepEqual(await docker.listContainers({ all: true, filters: { name: [asked.name] } }), []);
});
