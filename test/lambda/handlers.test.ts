import { afterAll, afterEach, beforeAll, describe, expect, jest, test } from '@jest/globals';
import type { Context } from 'aws-lambda';
import { generateKeyPairSync } from 'node:crypto';
import { CompactEncrypt, importSPKI } from 'jose';
import type { AuditLogResponse, AuditVerifyResponse } from '../../lambda/contract/responses';
import { handler as audit } from '../../lambda/audit';
import { handler as migrate } from '../../lambda/migrate';
import { handler as revoke } from '../../lambda/revoke';
import { handler as seal } from '../../lambda/seal';
import { handler as unseal } from '../../lambda/unseal';
import type { LocalVault } from '../../local/vault';
import { countSecrets } from '../support/scan';
import { captureSealRequest } from '../e2e/capture';
import { type TestWallet, makeWallet as anyWallet, sql, startTestVault } from '../e2e/harness';

/** Runs the handlers in this process, with a vault's real parts. `test/e2e` runs each bundle in a process of its own. */
let vault: LocalVault;
const environment = { ...process.env };
const out: string[] = [];
const used: TestWallet[] = [];

function makeWallet(): TestWallet {
  const wallet = anyWallet();
  used.push(wallet);
  return wallet;
}

beforeAll(async () => {
  // one process has one role's credentials: `test/e2e` shows each function's permissions
  vault = await startTestVault({ authorization: false });
  jest.spyOn(process.stdout, 'write').mockImplementation((line) => out.push(String(line)) > 0);
});
afterEach(() => {
  process.env = { ...environment };
});
afterAll(async () => {
  jest.restoreAllMocks();
  await vault.close();
});

/** Calls a handler as Lambda does, with its environment, its credentials and the invoked ARN. */
function call(name: 'seal' | 'unseal' | 'revoke' | 'audit', actor: string) {
  const handlers = { seal, unseal, revoke, audit };
  return (event: unknown): Promise<unknown> => {
    Object.assign(process.env, vault.functionEnv(name), credentials(name));
    return handlers[name](event, contextOf(`${arn(name)}:${actor}`));
  };
}

function credentials(name: keyof LocalVault['functions']): Record<string, string> {
  const { accessKeyId, secretAccessKey, sessionToken } = vault.functionSession(vault.functions[name]);
  const names = {
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
    AWS_SESSION_TOKEN: sessionToken,
  };
  return { ...names, AWS_REGION: vault.region };
}

const arn = (name: string) => `arn:aws:lambda:us-east-1:111122223333:function:${name}`;
const contextOf = (invokedFunctionArn: string) =>
  ({ awsRequestId: 'request-1', invokedFunctionArn, getRemainingTimeInMillis: () => 10_000 }) as Context;

const { kty, crv, x } = generateKeyPairSync('x25519').publicKey.export({ format: 'jwk' });
const unsealRequest = {
  kind: 'delegated-share',
  chain: 'EVM',
  recipient: { kty, crv, x },
  req: 'A'.repeat(22),
  reason: 'test',
};

/** Returns a transport as a backend with another library creates it. */
async function transport(wallet: TestWallet, field: string, jti: string): Promise<string> {
  const { walletId, userId, chain, materials } = wallet;
  const { kid, publicKey } = vault.keys.intakeKey;
  const binding = { env: 'local', kind: 'delegated-share', field, walletId, userId, chain };
  return new CompactEncrypt(materials.walletApiKey)
    .setProtectedHeader({
      ...{ alg: 'RSA-OAEP-256', enc: 'A256GCM', typ: 'share-vault-in', kid, jti, iat: Math.floor(Date.now() / 1_000) },
      ...binding,
    })
    .encrypt(await importSPKI(publicKey, 'RSA-OAEP-256'));
}

describe('the handlers', () => {
  test('seal, unseal, audit and revoke one wallet', async () => {
    const wallet = makeWallet();
    const { walletId, chain, publicKey } = wallet;
    const sealed = await call('seal', 'signer')(await captureSealRequest(vault, wallet));

    const opened = await call('unseal', 'signer')({ ...unsealRequest, walletId });
    const records = await call('audit', 'auditor')({ action: 'records', walletId, chain });
    const revoked = await call('revoke', 'signer')({ walletId, chain, reason: 'test' });
    const log = await call('audit', 'auditor')({ action: 'log', walletId, chain });
    const verified = await call('audit', 'auditor')({ action: 'verify', walletId, chain });
    const after = await call('audit', 'auditor')({ action: 'records', walletId, chain });

    expect(sealed).toMatchObject({ keyId: vault.keys.shareKeyArn });
    expect(opened).toMatchObject({ publicKey, accessCount: 1, kind: 'delegated-share' });
    expect(records).toMatchObject({ records: [{ accessCount: 1 }] });
    expect(revoked).toMatchObject({ revoked: 1 });
    expect((log as AuditLogResponse).entries.map(({ action }) => action)).toEqual(['seal', 'unseal', 'revoke']);
    expect(verified).toMatchObject({ intact: true, length: 3 });
    expect(after).toEqual({
      records: [],
      revokedAt: expect.any(String),
      serverKeySharesRevokedAt: expect.any(String),
    });
  });

  test('refuse a wallet in another spelling, and revoke it', async () => {
    const wallet = makeWallet();
    const { walletId } = wallet;
    await call('seal', 'signer')(await captureSealRequest(vault, wallet));

    const opened = call('unseal', 'signer')({ ...unsealRequest, walletId, chain: 'evm' });
    const revoked = call('revoke', 'signer')({ walletId, chain: 'evm\u200b', reason: 'test' });

    await expect(opened).rejects.toThrow(/^chain: expected /);
    await expect(revoked).resolves.toMatchObject({ revoked: 1 });
  });

  test('page a log, and return where the next page begins', async () => {
    const wallet = makeWallet();
    await call('seal', 'signer')(await captureSealRequest(vault, wallet));
    await call('unseal', 'signer')({ ...unsealRequest, walletId: wallet.walletId });
    const page = { action: 'log', walletId: wallet.walletId, chain: 'EVM', limit: 1 };

    const first = (await call('audit', 'auditor')(page)) as AuditLogResponse;
    const second = (await call('audit', 'auditor')({ ...page, after: first.next })) as AuditLogResponse;

    expect(first).toMatchObject({ entries: [{ sequence: 1 }], next: 1 });
    expect(second).toMatchObject({ entries: [{ sequence: 2 }], next: 2 });
  });

  test('report where an access chain is broken', async () => {
    const wallet = makeWallet();
    const { walletId, chain } = wallet;
    await call('seal', 'signer')(await captureSealRequest(vault, wallet));
    await call('unseal', 'signer')({ ...unsealRequest, walletId });
    // as the owner could: it may remove the guard
    await sql(
      vault,
      `ALTER TABLE vault.share_access_log DISABLE TRIGGER USER;
       UPDATE vault.share_access_log SET actor = 'nobody' WHERE wallet_id = '${walletId}'`,
    );

    const verified = (await call('audit', 'auditor')({ action: 'verify', walletId, chain })) as AuditVerifyResponse;

    expect(verified).toMatchObject({ intact: false, brokenAt: 1, length: 2 });
  });

  test('verify a log from a row on, up to a head that was kept elsewhere', async () => {
    const wallet = makeWallet();
    const { walletId, chain } = wallet;
    await call('seal', 'signer')(await captureSealRequest(vault, wallet));
    const one = await call('audit', 'auditor')({ action: 'head', walletId, chain });
    await call('unseal', 'signer')({ ...unsealRequest, walletId });
    const log = (await call('audit', 'auditor')({ action: 'log', walletId, chain })) as AuditLogResponse;
    const [first, second] = log.entries.map(({ sequence, hash }) => ({ sequence, hash }));
    const verify = { action: 'verify', walletId, chain, after: 1 };

    const since = await call('audit', 'auditor')({ ...verify, hash: first?.hash });
    const until = await call('audit', 'auditor')({ ...verify, hash: first?.hash, until: first });
    const other = await call('audit', 'auditor')({ ...verify, hash: second?.hash });

    expect(one).toEqual({ length: 1, head: first?.hash });
    expect(since).toEqual({ intact: true, length: 2, head: second?.hash, complete: true, verifiedTo: second });
    expect(until).toEqual({ intact: true, length: 1, head: first?.hash, complete: true, verifiedTo: first });
    expect(other).toMatchObject({ intact: false, brokenAt: 2, length: 2, complete: true });
  });

  test('refuse two transports with the same id', async () => {
    const wallet = makeWallet();
    const jti = 'A'.repeat(22);
    const materials = {
      delegatedShare: await transport(wallet, 'delegated_share', jti),
      walletApiKey: await transport(wallet, 'wallet_api_key', jti),
    };
    const { walletId, userId, chain } = wallet;
    const request = { kind: 'delegated-share', walletId, userId, chain, materials };

    await expect(call('seal', 'signer')(request)).rejects.toThrowWithCode('TransportRejected');
    expect(await call('audit', 'auditor')({ action: 'records', walletId, chain })).toEqual({ records: [] });
  });

  test('wrote no material and no id of a wallet in any line', () => {
    const lines = Buffer.from(out.join(''));

    expect(out.length).toBeGreaterThan(0);
    expect(
      countSecrets(
        lines,
        used.flatMap(({ materials }) => Object.values(materials)),
      ),
    ).toBe(0);
    expect(used.filter(({ walletId, userId }) => lines.includes(walletId) || lines.includes(userId))).toEqual([]);
  });
});

describe('migrate', () => {
  const migrateAs = (change: Record<string, string>) => {
    const { port, host, database, caFile, master } = vault.postgres;
    const env = {
      AWS_ENDPOINT_URL: vault.url,
      SHARE_VAULT_ENVIRONMENT: vault.environment,
      SHARE_VAULT_DB_HOST: host,
      SHARE_VAULT_DB_PORT: String(port),
      SHARE_VAULT_DB_NAME: database,
      SHARE_VAULT_DB_CA_FILE: caFile,
      SHARE_VAULT_DB_USER: master.user,
      SHARE_VAULT_DB_AUTH: 'password',
      SHARE_VAULT_SHARE_KEY_ARN: vault.functionEnv('migrate').SHARE_VAULT_SHARE_KEY_ARN,
      SHARE_VAULT_DB_SECRET_ARN: vault.functionEnv('migrate').SHARE_VAULT_DB_SECRET_ARN,
      SHARE_VAULT_DB_RESOURCE_ID: vault.functionEnv('migrate').SHARE_VAULT_DB_RESOURCE_ID,
      SHARE_VAULT_DB_GENERATION: vault.functionEnv('migrate').SHARE_VAULT_DB_GENERATION,
    };
    Object.assign(process.env, env, credentials('migrate'), change);
    return migrate({}, contextOf(arn('migrate')));
  };

  test('finds nothing left to do the second time', async () => {
    expect(await migrateAs({})).toEqual({
      user: 'share_vault_master',
      applied: [],
      current: expect.stringMatching(/^\d{4}-/),
      audited: false,
      frozen: 0,
      thawsLogged: 0,
      staleRecords: 0,
      oldestMaterialDays: 0,
      waiting: { records: { count: 0 }, bodies: { count: 0 }, tickets: { count: 0 }, overdue: 0 },
    });
  });
});

describe('unseal', () => {
  test('counts what a retiring key opened, and nothing that the share key did', async () => {
    const wallet = makeWallet();
    await call('seal', 'signer')(await captureSealRequest(vault, wallet));
    const request = { ...unsealRequest, walletId: wallet.walletId };
    const countOf = async (change: Record<string, string>) => {
      out.length = 0;
      await jest.isolateModulesAsync(async () => {
        const fresh = await import('../../lambda/unseal');
        Object.assign(process.env, vault.functionEnv('unseal'), credentials('unseal'), change);
        await fresh.handler(request, contextOf(`${arn('unseal')}:signer`));
      });
      return out.map((line) => (JSON.parse(line) as Record<string, unknown>).OpenedByRetiringKey);
    };
    const { shareKeyArn } = vault.keys;
    const next = shareKeyArn.replace(/[^/]*$/, '11111111-1111-4111-8111-111111111111');
    const traded = { SHARE_VAULT_SHARE_KEY_ARN: next, SHARE_VAULT_OPENING_KEY_ARNS: JSON.stringify([shareKeyArn]) };

    expect(await countOf({})).toEqual([undefined]);
    expect(await countOf(traded)).toEqual([2]);
  });
});
