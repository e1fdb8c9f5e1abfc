import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { createVaultTransitKey } from '../../../../lambda/keys/elsewhere/vault-transit';
import type { WrappedDataKey } from '../../../../lambda/message';
import type { VaultFault } from '../../../../local/emulator/elsewhere/vault';
import { createCertificate } from '../../../../local/emulator/postgres/certificates';
import { NAMESPACE, SHARE_POLICY, TTL, VaultFixture } from '../../../local/emulator/elsewhere/vault/support';
import { deadlineIn } from '../../../../lambda/invocation/deadline';
import { describeOtherKey } from '../other-key-contract';
import { withoutPauses } from '../../../support/without-pauses';
import { LOGINS, describeKey, startVaultTransit } from './vault-support';

withoutPauses();

for (const method of ['jwt', 'aws'] as const) {
  describeOtherKey(`vault-transit with the login ${LOGINS[method].method}`, () => startVaultTransit(method));
}

const CONTEXT = new Map([['environment', 'dev']]);
const soon = (ms = 30_000) => AbortSignal.timeout(ms);

describe('vault-transit', () => {
  let fixture: VaultFixture;
  beforeEach(async () => {
    fixture = await new VaultFixture().start();
  });
  afterEach(() => fixture.close());

  const open = (more: Parameters<typeof describeKey>[1] = {}) => createVaultTransitKey(describeKey(fixture, more));

  test.each([
    ['an address without TLS', { address: 'http://vault.example.com:8200' }],
    ['an address with a path', { address: 'https://vault.example.com/v1' }],
    ['an address with a user', { address: 'https://root@vault.example.com' }],
    ['a mount that leaves its path', { mount: '../sys' }],
    ['a namespace with a slash at its end', { namespace: 'wallets/' }],
    ['a key whose name is a path', { key: 'share/rotate' }],
    ['a certificate that is none', { ca: 'https://ca.example.com' }],
    ['a role whose name is a path', { login: { ...LOGINS.jwt, role: 'a/b' } }],
    ['a login at another path', { login: { ...LOGINS.jwt, mount: 'jwt?x' } }],
    ['an audience with a space', { login: { ...LOGINS.jwt, audience: 'a b' } }],
    ['a server id with a line break', { login: { ...LOGINS.aws, serverId: 'a\nb' } }],
  ])('refuses %s', (_what, more) => {
    expect(() => open(more)).toThrowWithCode('Misconfigured');
  });

  test('names the key by its address, namespace and mount, without a version', async () => {
    const key = open({ namespace: NAMESPACE });

    const { wrapped } = await key.wrapNewDataKey(CONTEXT, soon());

    expect(key.keyId).toBe(`${fixture.address}/v1/${NAMESPACE}/transit/keys/share`);
    expect(wrapped.map(({ providerInfo }) => Buffer.from(providerInfo).toString())).toEqual([key.keyId]);
    expect(wrapped.map(({ ciphertext }) => Buffer.from(ciphertext).toString())).toEqual([
      expect.stringMatching(/^vault:v1:[A-Za-z0-9+/]{80}$/),
    ]);
  });

  test('uses the key of its own namespace', async () => {
    const [inner, outer] = [open({ namespace: NAMESPACE }), open()];
    const { plaintext, wrapped } = await inner.wrapNewDataKey(CONTEXT, soon());
    const renamed = wrapped.map((each) => ({ ...each, providerInfo: Buffer.from(outer.keyId) }));

    expect(await inner.unwrapDataKey(wrapped, CONTEXT, soon())).toEqual(plaintext);
    await expect(outer.unwrapDataKey(renamed, CONTEXT, soon())).rejects.toThrowWithCode('ContextMismatch');
  });

  test('logs in once for many calls at once', async () => {
    const key = open();

    const made = await Promise.all(Array.from({ length: 10 }, () => key.wrapNewDataKey(CONTEXT, soon())));
    const opened = await Promise.all(made.map(({ wrapped }) => key.unwrapDataKey(wrapped, CONTEXT, soon())));

    expect(opened).toEqual(made.map(({ plaintext }) => plaintext));
    expect(fixture.logins()).toBe(1);
  });

  test('logs in again when its token ended at the other side, and the call succeeds', async () => {
    const key = open();
    const { plaintext, wrapped } = await key.wrapNewDataKey(CONTEXT, soon());
    fixture.passSeconds(TTL);

    expect(await key.unwrapDataKey(wrapped, CONTEXT, soon())).toEqual(plaintext);
    expect(fixture.logins()).toBe(2);
  });

  test('heals after one 403', async () => {
    const key = open();
    fixture.server.faults.set('denied', 1, /encrypt/);

    expect((await key.wrapNewDataKey(CONTEXT, soon())).wrapped).toHaveLength(1);
    expect(fixture.logins()).toBe(2);
  });

  test('is unavailable after a second 403, without a third call', async () => {
    const key = open();
    fixture.server.faults.set('denied', 2, /encrypt/);

    await expect(key.wrapNewDataKey(CONTEXT, soon())).rejects.toThrowWithCode('KeyUnavailable');
    expect(fixture.seen.filter((path) => path.includes('encrypt'))).toHaveLength(2);
    expect(fixture.logins()).toBe(2);
  });

  test('makes no key by a mistyped name', async () => {
    fixture.server.policies = { share: { 'transit/*': ['update'] } };
    const key = open({ key: 'shrae' });

    await expect(key.wrapNewDataKey(CONTEXT, soon())).rejects.toThrowWithCode('KeyUnavailable');
    expect(fixture.transit.has('shrae')).toBe(false);
  });

  test('would make a key by a mistyped name if the policy allowed it to create one', async () => {
    fixture.server.policies = { share: { 'transit/*': ['update', 'create'] } };

    await open({ key: 'shrae' }).wrapNewDataKey(CONTEXT, soon());

    expect(fixture.transit.has('shrae')).toBe(true);
  });

  test.each([
    ['a mount that does not exist', { mount: 'transit-2' }, { 'transit-2/*': ['update', 'read'] }],
    ['a login role that does not exist', { login: { ...LOGINS.jwt, role: 'unseal' } }, {}],
    ['a login method that is not mounted', { login: { ...LOGINS.jwt, mount: 'oidc' } }, {}],
    ['another audience than the role is bound to', { login: { ...LOGINS.jwt, audience: 'https://other.example' } }, {}],
    ['another server id than Vault has', { login: { ...LOGINS.aws, serverId: 'other.example.com' } }, {}],
    ['no server id, which Vault needs', { login: { method: 'aws', mount: 'aws', role: 'seal' } }, {}],
  ] as const)('is unavailable with %s', async (_what, more, policy) => {
    fixture.server.policies = { share: { ...SHARE_POLICY, ...policy } };

    await expect(open(more).wrapNewDataKey(CONTEXT, soon())).rejects.toThrowWithCode('KeyUnavailable');
  });

  test.each([
    ['too old', 2],
    ['too new', 1],
  ])('is unavailable for a version that is %s for the key', async (_what, oldest) => {
    const key = open();
    const { wrapped } = await key.wrapNewDataKey(CONTEXT, soon());
    fixture.transit.rotate('share');
    fixture.transit.configure('share', { min_decryption_version: oldest });
    const renumbered = wrapped.map((each) => withVersion(each, oldest === 2 ? 1 : 3));

    await expect(key.unwrapDataKey(renumbered, CONTEXT, soon())).rejects.toThrowWithCode('KeyUnavailable');
  });

  test.each([
    ['version 0', 'vault:v0:'],
    ['no version', 'vault:v:'],
    ['a signed version', 'vault:v+1:'],
    ['a foreign prefix', 'bank:v1:'],
    ['a space before', ' vault:v1:'],
    ['an earlier line', 'x\nvault:v1:'],
  ])('sends no wrapped data key with %s', async (_what, prefix) => {
    const key = open();
    const { wrapped } = await key.wrapNewDataKey(CONTEXT, soon());
    const { length } = fixture.seen;
    const changed = wrapped.map((each) => withPrefix(each, prefix));

    await expect(key.unwrapDataKey(changed, CONTEXT, soon())).rejects.toThrowWithCode('ContextMismatch');
    expect(fixture.seen).toHaveLength(length);
  });

  test.each<[VaultFault, string]>([
    ['throttled', 'KeyThrottled'],
    ['failing', 'KeyUnreachable'],
    ['sealed', 'KeyUnreachable'],
    ['disasterRecovery', 'KeyUnreachable'],
    ['performanceStandby', 'KeyUnreachable'],
    ['behind', 'KeyUnreachable'],
    ['dropping', 'KeyUnreachable'],
    ['notJson', 'KeyUnreachable'],
    ['huge', 'KeyUnreachable'],
    ['redirect', 'KeyUnreachable'],
  ])('throws its code while every response is %s', async (fault, code) => {
    const key = open();
    const { wrapped } = await key.wrapNewDataKey(CONTEXT, soon());
    fixture.server.faults.set(fault);

    await expect(key.wrapNewDataKey(CONTEXT, soon())).rejects.toThrowWithCode(code);
    await expect(key.unwrapDataKey(wrapped, CONTEXT, soon())).rejects.toThrowWithCode(code);
    await expect(open().wrapNewDataKey(CONTEXT, soon())).rejects.toThrowWithCode(code);
  });

  test.each(['throttled', 'sealed', 'behind', 'disasterRecovery', 'performanceStandby'] as const)(
    'heals after one response that is %s',
    async (fault) => {
      const key = open();
      fixture.server.faults.set(fault, 1, /encrypt/);

      expect((await key.wrapNewDataKey(CONTEXT, soon())).wrapped).toHaveLength(1);
    },
  );

  test.each(['hanging', 'hangingBody'] as const)('ends when the time is up while Vault is %s', async (fault) => {
    const key = open();
    await key.wrapNewDataKey(CONTEXT, soon());
    fixture.server.faults.set(fault);

    await expect(key.wrapNewDataKey(CONTEXT, soon(150))).rejects.toThrowWithCode('KeyTimeout');
    await expect(open().wrapNewDataKey(CONTEXT, soon(150))).rejects.toThrowWithCode('KeyTimeout');
  });

  test('is throttled at once if Retry-After is beyond the time left', async () => {
    const key = open();
    fixture.server.faults.set('throttledForLong', Number.POSITIVE_INFINITY, /encrypt/);

    await expect(key.wrapNewDataKey(CONTEXT, deadlineIn(10_000).signal)).rejects.toThrowWithCode('KeyThrottled');
    expect(fixture.seen.filter((path) => path.includes('encrypt'))).toHaveLength(1);
  });

  test('refuses a ciphertext of a foreign form', async () => {
    const key = open();
    fixture.server.faults.set('foreignVersion', 1, /encrypt/);

    await expect(key.wrapNewDataKey(CONTEXT, soon())).rejects.toThrowWithCode('KeyUnreachable');
  });

  test.each(['wrap', 'unwrap'] as const)('does not %s with a Vault that ignores associated data', async (operation) => {
    const key = open();
    const { wrapped } = await key.wrapNewDataKey(CONTEXT, soon());
    fixture.server.faults.set('unbound', 1, /crypt/);

    const asked: Promise<unknown> =
      operation === 'wrap' ? key.wrapNewDataKey(CONTEXT, soon()) : key.unwrapDataKey(wrapped, CONTEXT, soon());

    await expect(asked).rejects.toThrowWithCode('KeyUnavailable');
  });

  test.each([
    ['of another authority', 'another'],
    ['of no authority in its description', undefined],
  ])('refuses a certificate %s', async (_what, authority) => {
    const ca = authority && (await createCertificate(['127.0.0.1'])).ca.replaceAll(/-----[^-]+-----|\s/g, '');
    const key = open(ca === undefined ? { ca: undefined } : { ca });

    await expect(key.wrapNewDataKey(CONTEXT, soon())).rejects.toThrowWithCode('KeyUnreachable');
    expect(fixture.seen).toEqual([]);
  });

  test("refuses another host's certificate", async () => {
    const { ca, certificate, key } = await createCertificate(['other.example.com']);
    const address = await fixture.serve({ cert: certificate, key }, fixture.server);

    const asked = open({ address, ca: ca.replaceAll(/-----[^-]+-----|\s/g, '') }).wrapNewDataKey(CONTEXT, soon());

    await expect(asked).rejects.toThrowWithCode('KeyUnreachable');
    expect(fixture.seen).toEqual([]);
  });
});

function withVersion(wrapped: WrappedDataKey, version: number): WrappedDataKey {
  return withPrefix(wrapped, `vault:v${version}:`);
}

function withPrefix(wrapped: WrappedDataKey, prefix: string): WrappedDataKey {
  const base64 = Buffer.from(wrapped.ciphertext).toString().split(':')[2] ?? '';
  return { ...wrapped, ciphertext: Buffer.from(`${prefix}${base64}`) };
}
