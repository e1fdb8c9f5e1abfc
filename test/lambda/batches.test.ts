import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, jest, test } from '@jest/globals';
import type { Context } from 'aws-lambda';
import { type KeyObject, generateKeyPairSync, randomBytes, randomUUID } from 'node:crypto';
import { CompactEncrypt, compactDecrypt, importSPKI } from 'jose';
import { FIELDS, type Kind, MATERIALS, type MaterialName } from '../../lambda/contract/kinds';
import type { SealBatchResponse, UnsealBatchResponse } from '../../lambda/contract/responses';
import { handler as audit } from '../../lambda/audit';
import { handler as properties } from '../../lambda/properties';
import { handler as revoke } from '../../lambda/revoke';
import { handler as seal } from '../../lambda/seal';
import { handler as unseal } from '../../lambda/unseal';
import type { LocalVault } from '../../local/vault';
import { startTestVault } from '../e2e/harness';
import { material } from '../support/run';

/** Runs the handlers in this process, with a vault's real parts. */
let vault: LocalVault;
const environment = { ...process.env };
const out: string[] = [];
beforeAll(async () => {
  vault = await startTestVault({ authorization: false });
  jest.spyOn(process.stdout, 'write').mockImplementation((line) => out.push(String(line)) > 0);
});
beforeEach(() => {
  out.length = 0;
});
afterEach(() => {
  process.env = { ...environment };
});
afterAll(async () => {
  jest.restoreAllMocks();
  await vault.close();
});

const handlers = { seal, unseal, revoke, audit, properties };

function call<T>(name: keyof typeof handlers, event: object, actor = 'signer'): Promise<T> {
  const { accessKeyId, secretAccessKey, sessionToken } = vault.functionSession(vault.functions[name]);
  Object.assign(process.env, vault.functionEnv(name), {
    AWS_REGION: vault.region,
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
    AWS_SESSION_TOKEN: sessionToken,
  });
  const invokedFunctionArn = `arn:aws:lambda:us-east-1:111122223333:function:${name}:${actor}`;
  const context = { awsRequestId: 'request-1', invokedFunctionArn, getRemainingTimeInMillis: () => 20_000 } as Context;
  return handlers[name](event, context) as Promise<T>;
}

interface TestRecord {
  readonly request: { readonly kind: Kind; readonly walletId: string; readonly chain: string };
  readonly materials: ReadonlyMap<MaterialName, Buffer>;
}

/** Returns the request that seals new materials, as a backend with another library makes it. */
async function newRecord(kind: Kind, changes: object = {}, bytes = 600): Promise<TestRecord> {
  const wallet = { walletId: randomUUID(), chain: 'EVM', userId: 'user-1', ...changes };
  const materials = new Map(MATERIALS[kind].map((name) => [name, material(bytes)] as const));
  const { kid, publicKey } = vault.keys.intakeKey;
  const key = await importSPKI(publicKey, 'RSA-OAEP-256');
  const encrypt = ([name, bytes]: readonly [MaterialName, Buffer]) => {
    const { walletId, chain, userId } = wallet;
    const bound = { env: 'local', kind, field: FIELDS[name], walletId, userId, chain };
    const fresh = { iat: Math.floor(Date.now() / 1_000), jti: randomUUID() };
    return new CompactEncrypt(bytes)
      .setProtectedHeader({ alg: 'RSA-OAEP-256', enc: 'A256GCM', typ: 'share-vault-in', kid, ...bound, ...fresh })
      .encrypt(key);
  };
  const sent = await Promise.all([...materials].map(async (each) => [each[0], await encrypt(each)] as const));
  return { request: { ...wallet, kind, materials: Object.fromEntries(sent) } as TestRecord['request'], materials };
}

const { publicKey, privateKey } = generateKeyPairSync('x25519');
const { kty, crv, x } = publicKey.export({ format: 'jwk' });
const receiver = { recipient: { kty, crv, x }, req: randomBytes(16).toString('base64url'), reason: 'test' };
const itemOf = ({ request: { kind, walletId, chain } }: TestRecord) => ({ kind, walletId, chain });
const codesOf = (items: readonly object[]) => items.map((item) => ('code' in item ? item.code : 'done'));

async function open(jwe: string | undefined, key: KeyObject = privateKey): Promise<Buffer> {
  return Buffer.from((await compactDecrypt(jwe ?? '', key)).plaintext);
}

describe('a batch', () => {
  test('seals and opens records of both kinds, each byte for byte, in the order of its items', async () => {
    const records = [
      await newRecord('server-key-shares'),
      await newRecord('delegated-share'),
      await newRecord('server-key-shares', {}, 65_536),
      await newRecord('server-key-shares', {}, 1),
    ];

    const sealed = await call<SealBatchResponse>('seal', { items: records.map(({ request }) => request) });
    const { items } = await call<UnsealBatchResponse>('unseal', { items: records.map(itemOf), ...receiver });

    expect(codesOf(sealed.items)).toEqual(['done', 'done', 'done', 'done']);
    expect(JSON.parse(out.at(-1) ?? '')).toMatchObject({ function: 'unseal', Answered: 1, Unsealed: 4 });
    const opened = await Promise.all(
      items.map(async (item) => {
        const sent = Object.entries('materials' in item ? item.materials : {});
        return new Map(await Promise.all(sent.map(async ([name, jwe]) => [name, await open(jwe)] as const)));
      }),
    );
    expect(opened).toEqual(records.map(({ materials }) => materials));
    expect(items.map((item) => 'recordId' in item && item.recordId)).toEqual(
      sealed.items.map((item) => 'recordId' in item && item.recordId),
    );
  });

  test('seals the other items if one is malformed, one forged, one used before and one of a revoked wallet', async () => {
    const [good, forged, used, gone] = [
      await newRecord('server-key-shares'),
      await newRecord('server-key-shares'),
      await newRecord('server-key-shares'),
      await newRecord('server-key-shares'),
    ];
    await call('seal', used.request);
    await call('revoke', { walletId: gone.request.walletId, chain: 'EVM', reason: 'lost' });
    const items = [
      { ...good.request, walletId: '' },
      { ...forged.request, walletId: randomUUID() },
      good.request,
      { ...used.request, publicKey: '0xother' },
      gone.request,
    ];

    const sealed = await call<SealBatchResponse>('seal', { items });

    expect(codesOf(sealed.items)).toEqual(['InvalidRequest', 'TransportRejected', 'done', 'Conflict', 'Revoked']);
  });

  test('opens the other items if one is missing, one is malformed, one is another user’s and one comes twice', async () => {
    const [one, other] = [await newRecord('server-key-shares'), await newRecord('delegated-share')];
    await call('seal', { items: [one.request, other.request] });
    const items = [
      { ...itemOf(one), walletId: 'unknown' },
      { ...itemOf(one), chain: 'evm' },
      itemOf(one),
      { ...itemOf(other), userId: 'user-2' },
      itemOf(one),
      { ...itemOf(one), kind: 'delegated-share' },
    ];

    const opened = await call<UnsealBatchResponse>('unseal', { items, ...receiver });

    const expected = ['NotFound', 'InvalidRequest', 'done', 'NotFound', 'InvalidRequest', 'NotFound'];
    expect(codesOf(opened.items)).toEqual(expected);
  });

  test('logs and counts each failed item as a refused call, with its code and no id of a wallet', async () => {
    const record = await newRecord('server-key-shares');
    await call('seal', record.request);
    await vault.database('superuser').then(async (client) => {
      const flip = 'set_byte(encrypted_server_key_shares, 700, get_byte(encrypted_server_key_shares, 700) # 1)';
      const sql = `UPDATE vault.server_key_shares SET encrypted_server_key_shares = ${flip} WHERE wallet_id = $1`;
      await client.query(sql, [record.request.walletId]);
      await client.end();
    });
    out.length = 0;

    const opened = await call<UnsealBatchResponse>('unseal', { items: [itemOf(record)], ...receiver });

    expect(opened.items).toEqual([{ code: 'MessageCorrupt', message: expect.any(String) }]);
    const lines = out.map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(lines).toEqual([
      expect.objectContaining({ event: 'refused', code: 'MessageCorrupt', actor: 'signer', Refused: 1, Tampered: 1 }),
      expect.objectContaining({ event: 'answered', Answered: 1, Unsealed: 0 }),
    ]);
    expect(out.join('')).not.toContain(record.request.walletId);
  });

  test.each([
    ['no item', []],
    ['101 items', new Array(101).fill({})],
    ['another value', 'items'],
  ])('is refused whole with %s', async (_case, items) => {
    await expect(call('seal', { items })).rejects.toThrowWithCode('InvalidRequest');
    await expect(call('unseal', { items, ...receiver })).rejects.toThrowWithCode('InvalidRequest');
  });

  test('of malformed items only calls neither KMS nor the database', async () => {
    const { items } = await call<SealBatchResponse>('seal', { items: [{}, null, 7] });
    const opened = await call<UnsealBatchResponse>('unseal', { items: [{}, null, 7], ...receiver });

    expect(codesOf([...items, ...opened.items])).toEqual(new Array(6).fill('InvalidRequest'));
  });

  test('returns only as many records as fit a response, and the others to a further request', async () => {
    const records = await Promise.all(Array.from({ length: 60 }, () => newRecord('server-key-shares', {}, 65_536)));
    for (const part of [records.slice(0, 30), records.slice(30)]) {
      await call('seal', { items: part.map(({ request }) => request) });
    }

    const first = await call<UnsealBatchResponse>('unseal', { items: records.map(itemOf), ...receiver });
    const rest = records.filter((_, i) => codesOf(first.items)[i] === 'BatchTooLarge');
    const second = await call<UnsealBatchResponse>('unseal', { items: rest.map(itemOf), ...receiver });

    expect(new Set(codesOf(first.items))).toEqual(new Set(['done', 'BatchTooLarge']));
    expect(Buffer.byteLength(JSON.stringify(first))).toBeLessThan(6_000_000);
    expect(new Set(codesOf(second.items))).toEqual(new Set(['done']));
  });
});

describe("a wallet's properties", () => {
  const backup = '{"externalServerKeySharesBackupInfo":{"backups":{"dynamic":["1"]}}}';
  const replace = (record: TestRecord, changes: object) =>
    call<{ version: number }>('seal', {
      action: 'replace-properties',
      walletId: record.request.walletId,
      chain: 'EVM',
      ...changes,
    });

  test('are sealed with a record, replaced by version, and reported as changed by the next unseal', async () => {
    const record = await newRecord('server-key-shares', { walletProperties: backup });
    const wallet = { walletId: record.request.walletId, chain: 'EVM' };
    await call('seal', record.request);
    const next = backup.replace('1', '2');

    const before = await call('unseal', { ...itemOf(record), ...receiver });
    const replaced = await replace(record, { walletProperties: next, expectedVersion: 1 });
    const after = await call('unseal', { ...itemOf(record), ...receiver });
    const read = await call<{ sha256: string }>('properties', wallet);
    const again = await call('properties', { ...wallet, ifNoneMatch: read.sha256 });

    expect(before).toMatchObject({ propertiesChanged: false });
    expect(after).toMatchObject({ propertiesChanged: true });
    expect(replaced).toEqual({ version: 2, sha256: read.sha256, createdAt: expect.any(String) });
    expect(read).toMatchObject({ version: 2, walletProperties: next });
    expect(again).toEqual({ notModified: true, ...replaced });
  });

  test('are refused in another version, and without the backup information unless forced', async () => {
    const record = await newRecord('server-key-shares', { walletProperties: backup });
    await call('seal', record.request);

    const outdated = replace(record, { walletProperties: '{"a":1}', expectedVersion: 0 });
    const stale = replace(record, { walletProperties: '{"a":1}', expectedVersion: 1 });
    await expect(outdated).rejects.toThrowWithCode('VersionConflict');
    await expect(stale).rejects.toThrowWithCode('StaleWalletProperties');
    const forced = await replace(record, { walletProperties: '{"a":1}', expectedVersion: 1, force: true });

    expect(forced).toMatchObject({ version: 2 });
  });

  test('are not created for a wallet that was never sealed', async () => {
    const record = await newRecord('server-key-shares');

    await expect(replace(record, { walletProperties: '{}' })).rejects.toThrowWithCode('NotFound');
  });

  test('of 262,144 bytes that are no JSON are returned unchanged', async () => {
    const text = '€'.repeat(87_381) + '"';
    const record = await newRecord('server-key-shares', { walletProperties: text });
    await call('seal', record.request);

    const read = await call<{ walletProperties: string }>('properties', {
      walletId: record.request.walletId,
      chain: 'EVM',
    });

    expect(read.walletProperties === text).toBe(true);
  });
});

test('the auditor lists every wallet page by page, with the head of its log', async () => {
  const record = await newRecord('server-key-shares');
  await call('seal', record.request);
  const listed: object[] = [];
  for (let after: object | undefined, more = true; more;) {
    const page = await call<{ readonly wallets: readonly object[]; readonly next?: object }>(
      'audit',
      { action: 'wallets', limit: 7, ...(after && { after }) },
      'auditor',
    );
    listed.push(...page.wallets);
    after = page.next;
    more = after !== undefined;
  }

  const { walletId } = record.request;
  const own = listed.filter((wallet) => 'walletId' in wallet && wallet.walletId === walletId);
  const { head } = await call<{ head: string }>('audit', { action: 'head', walletId, chain: 'EVM' }, 'auditor');
  expect(own).toEqual([
    { walletId, chain: 'EVM', createdAt: expect.any(String), kinds: ['server-key-shares'], length: 1, head },
  ]);
});
