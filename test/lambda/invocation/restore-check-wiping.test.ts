import { beforeEach, expect, jest, test } from '@jest/globals';
import type * as check from '../../../lambda/invocation/restore-check';
import type * as keeping from '../../../lambda/invocation/restore-canary';
import type { RestoreCheckParts } from '../../../lambda/invocation/restore-checks';
import type * as envelope from '../../../lambda/keys/envelope';
import type { KeyProvider } from '../../../lambda/keys/provider';
import { soon } from '../../support/postgres';
import { checkEvent, inCopy, parts, useRestoreChecker } from './restore-checker';

/** The buffers that held a canary's bytes or a data key. */
const seen: Uint8Array[] = [];
let checkRestore: typeof check.checkRestore;
let keepCanary: typeof keeping.keepCanary;

useRestoreChecker();
beforeEach(async () => {
  seen.length = 0;
  const real = jest.requireActual<typeof envelope>('../../../lambda/keys/envelope');
  const openBytes: typeof real.openBytes = async (...args) => watched(await real.openBytes(...args));
  const sealBytes: typeof real.sealBytes = (bytes, ...args) => real.sealBytes(watched(bytes), ...args);
  // the fixture loaded the functions with the real one
  jest.resetModules();
  jest.doMock('../../../lambda/keys/envelope', () => ({ ...real, openBytes, sealBytes }));
  ({ checkRestore } = await import('../../../lambda/invocation/restore-check'));
  ({ keepCanary } = await import('../../../lambda/invocation/restore-canary'));
});

function watched<T extends Uint8Array>(bytes: T): T {
  // a buffer that is all zero before it is wiped would show nothing
  if (bytes.every((byte) => byte === 0)) throw new Error('expected random bytes, got zeros');
  seen.push(bytes);
  return bytes;
}

const watching = (key: KeyProvider): KeyProvider => ({
  ...key,
  wrapNewDataKey: async (...args) => {
    const made = await key.wrapNewDataKey(...args);
    watched(made.plaintext);
    return made;
  },
  unwrapDataKey: async (...args) => watched(await key.unwrapDataKey(...args)),
});

async function watchedParts(): Promise<RestoreCheckParts> {
  const own = await parts();
  return { ...own, shareKey: watching(own.shareKey) };
}

const left = () => seen.filter((bytes) => bytes.some((byte) => byte !== 0)).length;

test('keeping a canary wipes its bytes and its data key', async () => {
  await keepCanary({ deadline: soon() }, await watchedParts());

  expect([seen.length, left()]).toEqual([2, 0]);
});

test('a check wipes the bytes and the data keys of the canary and of its result', async () => {
  expect(await checkRestore(checkEvent(), { deadline: soon() }, await watchedParts())).toMatchObject({
    status: 'SUCCESSFUL',
  });

  // the canary opened, the result sealed and opened
  expect([seen.length, left()]).toEqual([6, 0]);
});

test('a check that finds a damaged database wipes all the same', async () => {
  await inCopy('DELETE FROM vault.delegated_shares');

  expect(await checkRestore(checkEvent(), { deadline: soon() }, await watchedParts())).toMatchObject({
    status: 'FAILED',
  });
  expect([seen.length, left()]).toEqual([2, 0]);
});
