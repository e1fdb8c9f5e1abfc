import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { resealStep } from '../../../lambda/invocation/reseal-step';
import { writeReceipt } from '../../../lambda/invocation/reseal-receipt';
import { problemOf, superuser } from '../store/stores';
import {
  callFor,
  endLeases,
  former,
  materialOf,
  parts,
  places,
  present,
  resealerEnv,
  run,
  sealedUnder,
  unsealOwn,
  useResealer,
} from './resealer';
import type { StopPoint } from './support/killed-reseal';

useResealer();

/** Starts a process that reseals, and kills it at a point: it gets no signal that it could handle. */
async function killAt(point: StopPoint): Promise<void> {
  const child = fork(join(__dirname, 'support', 'killed-reseal.ts'), [run, point], {
    execArgv: ['--import', 'tsx'],
    env: { PATH: process.env.PATH, ...(await resealerEnv()) },
    stdio: 'ignore',
  });
  const [message] = (await once(child, 'message')) as [unknown];
  const ended = once(child, 'exit');
  child.kill('SIGKILL');
  await ended;
  expect(message).toBe('stopped');
}

const claims = async () => (await superuser.query('SELECT FROM vault.reseal_claims')).rowCount;

test.each<[StopPoint, number]>([
  ['after the claim', 0],
  ['after KMS', 0],
  ['before the swap', 0],
  ['after the swap', 2],
])('a process that is killed %s loses no record, and another run does the rest', async (point, done) => {
  const records = [await sealedUnder(former), await sealedUnder(former, { kind: 'server-key-shares' })];
  await killAt(point);

  const place = done === 0 ? former : present;
  expect(await places()).toEqual([`${place.keyId} ${await materialOf(place)}`]);
  // until the lease ends, another worker leaves the records to the one that claimed them
  expect(await claims()).toBe(records.length - done);
  const next = callFor(`${run}-next`);
  const first = await resealStep(next, parts(), () => undefined);
  expect(first).toEqual({ next: done === 0 ? 'wait' : 'receipt', resealed: 0, changed: 0, failed: 0 });
  await endLeases();
  await resealStep(next, parts(), () => undefined);

  expect(await writeReceipt(next, parts())).toMatchObject({ next: 'succeed', resealed: 2 - done, failed: 0 });
  expect(await places()).toEqual([`${present.keyId} ${await materialOf(present)}`]);
  for (const record of records) {
    await unsealOwn(record);
    expect(await problemOf(record)).toBeUndefined();
  }
  // the killed run counts every swap that is durable
  const { rows } = await superuser.query('SELECT resealed::integer FROM vault.reseal_runs WHERE run = $1', [run]);
  expect(rows).toEqual([{ resealed: done }]);
});
