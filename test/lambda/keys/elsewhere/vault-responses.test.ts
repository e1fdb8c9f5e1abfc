import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { VaultError } from '../../../../lambda/contract/errors';
import { createVaultTransitKey } from '../../../../lambda/keys/elsewhere/vault-transit';
import type { StandInResponse } from '../../../../local/emulator/elsewhere/stand-in';
import { createCertificate } from '../../../../local/emulator/postgres/certificates';
import { VaultFixture } from '../../../local/emulator/elsewhere/vault/support';
import { withoutPauses } from '../../../support/without-pauses';
import { describeKey } from './vault-support';

withoutPauses();

const CONTEXT = new Map([['environment', 'dev']]);
const RUNS = process.env.SHARE_VAULT_SLOW_TESTS === undefined ? 100 : 2_000;
const soon = () => AbortSignal.timeout(30_000);

/** Values that a reader could take for what it expects. */
const value = fc.oneof(
  fc.jsonValue(),
  fc.constantFrom('vault:v1:', `vault:v1:${'A'.repeat(80)}`, 'A'.repeat(44), '\u0000', 'hvb.token', -1, 1e300, 300),
);
const names = fc.constantFrom('data', 'auth', 'plaintext', 'ciphertext', 'client_token', 'lease_duration', 'errors');
const members = fc.dictionary(names, fc.oneof(value, fc.dictionary(names, value)));
const body = fc.oneof(
  members.map((object) => JSON.stringify(object)),
  members.map((object) => JSON.stringify(object).slice(0, -1)),
  fc.string({ unit: 'binary' }),
  fc.jsonValue().map((json) => JSON.stringify(json)),
);
// no status that is asked for again: it would only take time
const response: fc.Arbitrary<StandInResponse> = fc.record({ status: fc.constantFrom(200, 204, 400, 403, 404), body });

describe('the transit provider with any response of Vault', () => {
  let fixture: VaultFixture;
  let [address, ca] = ['', ''];
  let respond: (path: string) => Promise<StandInResponse | undefined>;
  beforeAll(async () => {
    fixture = await new VaultFixture().start();
    const { certificate, key, ca: pem } = await createCertificate(['127.0.0.1']);
    ca = pem.replaceAll(/-----[^-]+-----|\s/g, '');
    address = await fixture.serve({ cert: certificate, key }, { respond: ({ url }) => respond(url.pathname) });
  });
  afterAll(() => fixture.close());

  /** Returns how a call ended: a code, or the length of a data key. */
  async function outcomeOf(call: Promise<{ readonly length: number }>): Promise<string> {
    try {
      return `${(await call).length} bytes`;
    } catch (error) {
      return error instanceof VaultError ? error.name : String(error);
    }
  }

  const calls = () => {
    const key = createVaultTransitKey(describeKey(fixture, { address, ca }));
    const ciphertext = Buffer.from(`vault:v1:${'A'.repeat(80)}`);
    const wrapped = { providerId: key.providerId, providerInfo: Buffer.from(key.keyId), ciphertext };
    return [
      outcomeOf(key.unwrapDataKey([wrapped], CONTEXT, soon())),
      outcomeOf(key.wrapNewDataKey(CONTEXT, soon()).then(({ plaintext }) => plaintext)),
    ];
  };
  const expected = /^(32 bytes|KeyUnavailable|KeyUnreachable|ContextMismatch)$/;

  test('throws only codes of its interface, and never returns a data key of another length', async () => {
    const login = { auth: { client_token: 'hvb.token', lease_duration: 300 } };
    const property = fc.asyncProperty(response, async (any) => {
      respond = async (path) => (path.endsWith('/login') ? { status: 200, body: login } : any);

      for (const outcome of await Promise.all(calls())) expect(outcome).toMatch(expected);
    });
    await fc.assert(property, { numRuns: RUNS });
  });

  test('throws only codes of its interface if its login gets any response', async () => {
    const property = fc.asyncProperty(response, async (any) => {
      respond = async () => any;

      for (const outcome of await Promise.all(calls())) expect(outcome).toMatch(expected);
    });
    await fc.assert(property, { numRuns: RUNS });
  });
});
