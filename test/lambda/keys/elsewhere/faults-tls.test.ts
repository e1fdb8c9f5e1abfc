import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { createServerAuthority } from '../../../../local/emulator/server-authority';
import type { TlsFaults } from '../../../../local/emulator/elsewhere/tls';
import { withoutPauses } from '../../../support/without-pauses';
import { DESCRIPTIONS, NAMES, type Name, World } from './support/world';

withoutPauses();

const CONTEXT = new Map([['environment', 'dev']]);
const LOGIN = 'sts.googleapis.com';
const LOGINS = [LOGIN, 'login.microsoftonline.com'];
const DAY_MS = 86_400_000;

const FAULTS: readonly (readonly [what: string, faults: TlsFaults, code: string])[] = [
  ['the certificate of another host', { certificateOf: () => 'example.com' }, 'ERR_TLS_CERT_ALTNAME_INVALID'],
  [
    "the certificate of Google's login at the key's host",
    { certificateOf: (host) => (LOGINS.includes(host) ? host : LOGIN) },
    'ERR_TLS_CERT_ALTNAME_INVALID',
  ],
  [
    'the certificate of an unknown authority',
    { issue: async (host) => (await createServerAuthority('unknown')).issue([host]) },
    'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  ],
  [
    'a certificate that expired',
    { issue: (host, authority) => authority.issue([host], between(-2, -1)) },
    'CERT_HAS_EXPIRED',
  ],
  [
    'a certificate that is not valid yet',
    { issue: (host, authority) => authority.issue([host], between(1, 2)) },
    'CERT_NOT_YET_VALID',
  ],
  ['TLS 1.1 only', { onlyVersion: 'TLSv1.1' }, 'ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION'],
];

function between(first: number, last: number) {
  const [notBefore, notAfter] = [first, last].map((days) => new Date(Date.now() + days * DAY_MS));
  return { notBefore: notBefore ?? new Date(), notAfter: notAfter ?? new Date() };
}

let world: World | undefined;
beforeEach(() => {
  // the runtime of each test has connections of its own
  jest.resetModules();
});
afterEach(() => world?.close());

/** Wraps a data key over connections with faults. */
async function wrapOver(faults: TlsFaults, name: Name): Promise<unknown> {
  world = await World.start(faults);
  await world.reset();
  const { createOtherKey } = await import('../../../../lambda/keys/elsewhere/other-key');
  return createOtherKey(DESCRIPTIONS[name]).wrapNewDataKey(CONTEXT, AbortSignal.timeout(20_000));
}

describe.each(NAMES)('a connection to %s', (name) => {
  test('works with the certificate of its host', async () => {
    await expect(wrapOver({}, name)).resolves.toMatchObject({ wrapped: [{}] });
  });

  test.each(FAULTS)('is refused with %s, and no request is sent', async (what, faults, code) => {
    await expect(wrapOver(faults, name)).rejects.toMatchObject({
      name: 'KeyUnreachable',
      message: expect.stringMatching(new RegExp(`^no connection to (google|azure|azure login|vault): ${code}$`)),
    });

    const atLogin = what.includes('at the key') ? LOGINS : [];
    expect(world?.requests.filter(({ url }) => !atLogin.includes(url.hostname))).toEqual([]);
  });
});
