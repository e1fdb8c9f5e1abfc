import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { ErrorCode } from '../../../../lambda/contract/codes';
import { deadlineIn } from '../../../../lambda/invocation/deadline';
import { createGoogleCloudKmsKey } from '../../../../lambda/keys/elsewhere/google-cloud-kms';
import type { GoogleFault } from '../../../../local/emulator/elsewhere/google/faults';
import { AUDIENCES, GoogleFixture, KEY, MEMBERS, OTHER_KEY } from '../../../local/emulator/elsewhere/google/support';
import { describeOtherKey } from '../other-key-contract';
import { withoutPauses } from '../../../support/without-pauses';
import { describeKey, startGoogleCloudKms } from './google-support';

withoutPauses();

describeOtherKey('gcp-kms by a web identity token', () => startGoogleCloudKms('token'));
describeOtherKey('gcp-kms by a signed GetCallerIdentity', () => startGoogleCloudKms('signature'));

const CONTEXT = new Map([['environment', 'dev']]);
const soon = () => AbortSignal.timeout(30_000);

describe('gcp-kms', () => {
  let fixture = new GoogleFixture();
  beforeEach(async () => {
    fixture = await new GoogleFixture().start();
  });
  afterEach(() => fixture.close());

  const open = (more = {}) => createGoogleCloudKmsKey(describeKey(more), fixture.urls);
  const wrap = async (key = open()) => (await key.wrapNewDataKey(CONTEXT, soon())).wrapped;

  test.each([
    `${KEY}/cryptoKeyVersions/1`,
    'share',
    `${KEY}/../other`,
    `${KEY}?alt=media`,
    KEY.replace('share', ''),
    `https://cloudkms.googleapis.com/v1/${KEY}`,
  ])('refuses %j as a key', (key) => {
    expect(() => open({ key })).toThrowWithCode('Misconfigured');
  });

  test.each(['', AUDIENCES.token.slice(2), `https:${AUDIENCES.token}`, `${AUDIENCES.token}/x`])(
    'refuses %j as a provider of a pool',
    (audience) => {
      expect(() => open({ audience })).toThrowWithCode('Misconfigured');
    },
  );

  test('names the key without its version in the wrapped data key', async () => {
    const [wrapped] = await wrap();

    expect(wrapped?.providerId).toBe('gcp-kms');
    expect(Buffer.from(wrapped?.providerInfo ?? []).toString()).toBe(KEY);
    expect(open().keyId).toBe(KEY);
  });

  test('does not take a version of its key for the key', async () => {
    const wrapped = await wrap();
    const ofVersion = wrapped.map((each) => ({ ...each, providerInfo: Buffer.from(`${KEY}/cryptoKeyVersions/1`) }));

    await expect(open().unwrapDataKey(ofVersion, CONTEXT, soon())).rejects.toThrowWithCode('KeyUnavailable');
  });

  test('logs in once for many calls at once', async () => {
    const key = open();

    await Promise.all(Array.from({ length: 8 }, () => wrap(key)));

    expect(fixture.google.calls.filter((path) => path === '/v1/token')).toHaveLength(1);
  });

  test('makes one call for each operation', async () => {
    const key = open();
    await key.unwrapDataKey(await wrap(key), CONTEXT, soon());

    expect(fixture.google.calls).toEqual(['/v1/token', `/v1/${KEY}:encrypt`, `/v1/${KEY}:decrypt`]);
  });

  test('logs in again after its token ended early', async () => {
    const key = open();
    const wrapped = await wrap(key);
    fixture.google.tokens.revokeAll();

    expect(await key.unwrapDataKey(wrapped, CONTEXT, soon())).toHaveLength(32);
    expect(fixture.google.calls.filter((path) => path === '/v1/token')).toHaveLength(2);
  });

  test('gives up after the second refusal of a token', async () => {
    fixture.google.faults.set('unauthenticated');

    await expect(wrap()).rejects.toThrowWithCode('KeyUnavailable');
    expect(fixture.google.calls.filter((path) => path.endsWith(':encrypt'))).toHaveLength(2);
  });

  test.each<[GoogleFault, ErrorCode, ErrorCode]>([
    ['throttled', 'KeyThrottled', 'KeyThrottled'],
    ['failing', 'KeyUnreachable', 'KeyUnreachable'],
    ['denied', 'KeyUnavailable', 'KeyUnavailable'],
    ['missing', 'KeyUnavailable', 'KeyUnavailable'],
    ['corrupted', 'KeyUnreachable', 'KeyUnreachable'],
    ['notJson', 'KeyUnreachable', 'KeyUnreachable'],
    ['empty', 'KeyUnreachable', 'KeyUnreachable'],
    ['huge', 'KeyUnreachable', 'KeyUnreachable'],
    ['redirect', 'KeyUnreachable', 'KeyUnreachable'],
    ['wrongChecksum', 'KeyUnreachable', 'KeyUnreachable'],
    ['missingChecksum', 'KeyUnreachable', 'KeyUnreachable'],
    ['notBase64', 'KeyUnreachable', 'KeyUnreachable'],
  ])('throws the code of a response that is %s', async (fault, onWrap, onUnwrap) => {
    const key = open();
    const wrapped = await wrap(key);
    fixture.google.faults.set(fault);

    await expect(wrap(key)).rejects.toThrowWithCode(onWrap);
    await expect(key.unwrapDataKey(wrapped, CONTEXT, soon())).rejects.toThrowWithCode(onUnwrap);
  });

  test.each<[GoogleFault, ErrorCode]>([
    ['unverified', 'KeyUnreachable'],
    ['otherKey', 'KeyUnavailable'],
    ['longerKey', 'KeyUnavailable'],
  ])('seals nothing if the response is %s', async (fault, code) => {
    fixture.google.faults.set(fault);

    await expect(wrap()).rejects.toThrowWithCode(code);
  });

  test.each(['hanging', 'hangingBody'] as const)(
    'fails when the time is up while the response is %s',
    async (fault) => {
      fixture.google.faults.set(fault);

      const asked = open().wrapNewDataKey(CONTEXT, AbortSignal.timeout(300));

      await expect(asked).rejects.toThrowWithCode('KeyTimeout');
    },
  );

  test('refuses to wait for longer than its time', async () => {
    fixture.google.faults.set('throttledForLong');

    const asked = open().wrapNewDataKey(CONTEXT, deadlineIn(5_000).signal);

    await expect(asked).rejects.toThrowWithCode('KeyThrottled');
  });

  test('never quotes what Google says', async () => {
    fixture.google.faults.set('corrupted');

    await expect(wrap()).rejects.not.toThrow(/plaintext_crc32c/);
  });

  test.each(['token', 'signature'] as const)('opens nothing by a %s of a role that may only seal', async (method) => {
    const wrapped = await wrap(open({ method }));
    fixture.google.policy.remove(MEMBERS[method]);
    fixture.google.policy.add({ role: 'roles/cloudkms.cryptoKeyEncrypter', member: MEMBERS[method], resource: KEY });
    const key = open({ method });

    expect(await wrap(key)).toHaveLength(1);
    await expect(key.unwrapDataKey(wrapped, CONTEXT, soon())).rejects.toThrowWithCode('KeyUnavailable');
  });

  test.each(['token', 'signature'] as const)('may use no key by a %s of a role that has none', async (method) => {
    fixture.google.policy.remove(MEMBERS[method]);

    await expect(wrap(open({ method }))).rejects.toThrowWithCode('KeyUnavailable');
  });

  test('is refused by a pool that does not know the provider', async () => {
    await expect(wrap(open({ audience: `${AUDIENCES.token}x` }))).rejects.toThrowWithCode('KeyUnavailable');
  });

  test('opens what another version of the key sealed, but not under another key', async () => {
    const wrapped = await wrap();
    fixture.google.keys.rotate(KEY);
    const renamed = wrapped.map((each) => ({ ...each, providerInfo: Buffer.from(OTHER_KEY) }));

    expect(await open().unwrapDataKey(wrapped, CONTEXT, soon())).toHaveLength(32);
    const asked = open({ key: OTHER_KEY }).unwrapDataKey(renamed, CONTEXT, soon());
    await expect(asked).rejects.toThrowWithCode('ContextMismatch');
  });
});
