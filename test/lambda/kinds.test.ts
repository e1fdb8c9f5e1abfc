import { generateKeyPairSync } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, jest, test } from '@jest/globals';
import type { Context } from 'aws-lambda';
import { handler as revoke } from '../../lambda/revoke';
import { handler as seal } from '../../lambda/seal';
import { handler as unseal } from '../../lambda/unseal';

/** The handlers have no database and no KMS: they refuse these requests before they call either. */
const KEY_ARN = 'arn:aws:kms:us-east-1:111122223333:key/00000000-0000-4000-8000-000000000000';
const environment = { ...process.env };
beforeAll(() => {
  Object.assign(process.env, {
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
    AWS_SECRET_ACCESS_KEY: 'unused',
    SHARE_VAULT_ENVIRONMENT: 'local',
    SHARE_VAULT_SHARE_KEY_ARN: KEY_ARN,
    SHARE_VAULT_INTAKE_KEYS: JSON.stringify({ one: KEY_ARN }),
    SHARE_VAULT_ACTORS: JSON.stringify({ other: ['server-key-shares'], first: ['delegated-share'], none: [] }),
    SHARE_VAULT_BACKUP_DAYS: '35',
    SHARE_VAULT_DB_HOST: '127.0.0.1',
    SHARE_VAULT_DB_PORT: '9',
    SHARE_VAULT_DB_NAME: 'vault',
    SHARE_VAULT_DB_USER: 'vault_nobody',
    SHARE_VAULT_DB_CA_FILE: '/nowhere.pem',
    SHARE_VAULT_DB_AUTH: 'iam',
  });
});
afterAll(() => {
  process.env = environment;
});
beforeEach(() => {
  jest.spyOn(process.stdout, 'write').mockReturnValue(true);
});
afterEach(() => {
  jest.restoreAllMocks();
});

const contextOf = (actor: string) =>
  ({
    awsRequestId: 'request-1',
    invokedFunctionArn: `arn:aws:lambda:us-east-1:111122223333:function:vault:${actor}`,
    getRemainingTimeInMillis: () => 1_000,
  }) as Context;

const { kty, crv, x } = generateKeyPairSync('x25519').publicKey.export({ format: 'jwk' });
const wallet = { walletId: 'wallet', chain: 'EVM' };
const kind = 'delegated-share';
const materials = { delegatedShare: 'a.b.c.d.e', walletApiKey: 'a.b.c.d.e' };
const CALLS = [
  ['seal', seal, { ...wallet, kind, userId: 'user', materials }],
  ['unseal', unseal, { ...wallet, kind, recipient: { kty, crv, x }, req: 'A'.repeat(22), reason: 'test' }],
  ['revoke', revoke, { ...wallet, reason: 'test' }],
  ['revoke by kind', revoke, { ...wallet, kinds: [kind], reason: 'test' }],
] as const;

describe('a handler of material', () => {
  test.each(CALLS.filter(([name]) => name !== 'revoke'))(
    '%s refuses an actor that was given another kind',
    async (_name, handler, request) => {
      await expect(handler(request, contextOf('other'))).rejects.toThrow('expected an actor that was given delegated-share'); // prettier-ignore
    },
  );

  test.each(CALLS)('%s refuses an actor that was given no kind', async (_name, handler, request) => {
    await expect(handler(request, contextOf('none'))).rejects.toThrow('expected an actor that was given delegated-share'); // prettier-ignore
  });
});

describe('an actor without server key shares', () => {
  const serverKeyShares = { ...wallet, kind: 'server-key-shares', materials: { serverKeyShares: 'a.b.c.d.e' } };
  const receiver = { recipient: { kty, crv, x }, req: 'A'.repeat(22), reason: 'test' };
  const refused = { code: 'ActorRequired', message: expect.stringContaining('server-key-shares') };

  test('seals none of them in a batch, and nothing with force', async () => {
    const forced = { ...wallet, kind, materials, walletProperties: '{}', force: true };

    const response = await seal({ items: [serverKeyShares, forced] }, contextOf('first'));

    expect(response).toEqual({ items: [refused, refused] });
  });

  test('opens none of them in a batch', async () => {
    const items = [{ ...wallet, kind: 'server-key-shares' }];

    await expect(unseal({ items, ...receiver }, contextOf('first'))).resolves.toEqual({ items: [refused] });
  });

  test('replaces no properties, whose backup information they need', async () => {
    const request = { action: 'replace-properties', ...wallet, walletProperties: '{}' };

    await expect(seal(request, contextOf('first'))).rejects.toThrowWithCode('ActorRequired');
  });
});
