import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Deployed } from '../../../../local/emulator/deploy';
import { additionFor, decidedDespite } from './added';
import { publishedWithAndWithout } from './alarm-topic';
import { Job, TIMEOUT_MS } from './job';
import { type Removal, nameOf, removalsOf } from './removals';
import { callFor, decidedWithAndWithout, isShownElsewhere } from './shown';
import { consumerTemplate, deployTest } from './support';

const ALL = removalsOf(consumerTemplate());
const REMOVALS = ALL.filter((removal) => !isShownElsewhere(removal));
const ofTopic = ALL.filter(({ policy }) => policy.startsWith('VaultWatchAlarmTopicPolicy'));
const named = (removals: readonly Removal[]) =>
  removals.map((removal) => [nameOf(removal).slice(0, 240), removal] as const);
const decided = REMOVALS.filter((removal) => callFor(removal) !== undefined);
const despite = REMOVALS.filter((removal) => !decided.includes(removal) && additionFor(removal) !== undefined);
const shownByJob = REMOVALS.filter((removal) => !decided.includes(removal) && !despite.includes(removal));

let vault: Deployed;
let job: Job;
beforeAll(async () => {
  vault = await deployTest({ timeoutMs: TIMEOUT_MS, longestWaitSeconds: 0.05 });
  job = await Job.prepare(vault);
});
afterAll(() => vault.close());

describe('the main job', () => {
  test('is refused nothing', async () => {
    expect(await job.refused()).toEqual([]);
  });

  test.each(named(shownByJob))('needs %s', async (_name, removal) => {
    expect(await job.refusedWithout(removal)).toContain(removal.action);
  });
});

describe('a statement that no step of the main job needs', () => {
  test.each(named(decided.filter(({ effect }) => effect === 'Allow')))('allows: %s', async (_name, removal) => {
    expect(await decidedWithAndWithout(vault, removal)).toEqual(['ALLOWED', 'DENIED']);
  });

  test.each(named(decided.filter(({ effect }) => effect === 'Deny')))('forbids: %s', async (_name, removal) => {
    expect(await decidedWithAndWithout(vault, removal)).toEqual(['DENIED', 'ALLOWED']);
  });
});

describe('a deny that nothing of the template runs into', () => {
  test.each(named(despite))('holds against an allow that somebody adds: %s', async (_name, removal) => {
    expect(await decidedDespite(vault, removal)).toEqual(['DENIED', 'ALLOWED']);
  });
});

describe('the alarms’ topic', () => {
  test.each(named(ofTopic.filter(({ effect }) => effect === 'Allow')))('needs %s', async (_name, removal) => {
    expect(await publishedWithAndWithout(removal)).toEqual(['ALLOWED', 'DENIED']);
  });

  test.each(named(ofTopic.filter(({ effect }) => effect === 'Deny')))('forbids by %s', async (_name, removal) => {
    expect(await publishedWithAndWithout(removal)).toEqual(['DENIED', 'ALLOWED']);
  });
});

describe('the helper that runs the migration', () => {
  test('needs its own permission: without it the template can’t be deployed', async () => {
    const [invokes] = removalsOf(consumerTemplate()).filter(({ policy }) => policy.startsWith('AWSCDKTrigger'));

    await expect(deployTest({ amend: invokes?.remove })).rejects.toMatchObject({
      message: expect.stringMatching(/lambda:InvokeFunction on resource: \S+:share-vault-dev-migrate:1 because no/),
    });
  });
});
