import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createHash } from 'node:crypto';
import { execFileSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { TOMBSTONE_PREFIXES, readTombstoneObject, tombstoneObject } from '../../lambda/contract/tombstone-object';
import { TOMBSTONES_PREFIX } from '../../lambda/contract/tombstone-prefix';
import { BucketStore } from '../../local/emulator/services/s3/store';
import { type LocalVault, startVault } from '../../local/vault';
import { shippedBundles } from '../../local/vault/shipped';
import { requestS3 } from '../local/emulator/services/s3/support';
import { logFolder } from '../support/run';
import { synthesized } from '../support/synthesized';
import { freshData } from '../support/vault-template';
import { codeOf, revokedOf } from './deliveries';
import { type TestWallet, invoke, makeWallet, sealWallet, sql, unsealWallet } from './harness';
import { testKeptReceipts } from './kept-receipts';
import { nameCluster } from './name-cluster';
import { TOMBSTONE_TEMPLATE } from './tombstone-stack';

/** A vault with a bucket of tombstones, its database restored from a copy of its data folder, and thawed again. */
const template = join(synthesized(join(__dirname, 'tombstone-stack.ts')), TOMBSTONE_TEMPLATE);
const RESTORED = 'cluster-RESTORED0123456789ABCDEFGH';

let dataDir: string;
let vault: LocalVault;
/** @param clusterId - RDS's id of the cluster behind the name @default - the template's */
const start = (clusterId?: string) =>
  startVault({
    ...{ template, dataDir, bundles: shippedBundles(), logDir: logFolder(), longestWaitSeconds: 0.05 },
    ...(clusterId !== undefined && { amend: (made: object) => nameCluster(made, clusterId) }),
  });

/** Copies a folder of the data with its owner: the server's own user. */
const copy = (from: string, to: string) => execFileSync('cp', ['-a', join(dataDir, from), join(dataDir, to)]);

const [revoked, delivered, unkept, kept] = [makeWallet(), makeWallet(), makeWallet(), makeWallet()];
const all = [revoked, delivered, unkept, kept];
const bucket = () => vault.template.buckets()[0]?.name ?? '';
const s3 = (target: string, options: Parameters<typeof requestS3>[3] = {}) =>
  requestS3(vault.url, vault.credentials, `/${bucket()}${target}`, options);
const keys = async () => {
  const { text } = await s3('?list-type=2');
  const all = [...text.matchAll(/<Key>(.*?)<\/Key>/g)].map(([, key = '']) => key);
  return all.filter((key) => TOMBSTONE_PREFIXES.some((prefix) => key.startsWith(prefix)));
};
const objectOf = async (key: string) => ({ key, bytes: Buffer.from((await s3(`/${key}`)).text) });
const walletsInBucket = async () =>
  (await Promise.all((await keys()).map(objectOf))).map((object) => readTombstoneObject(object, 'local').walletId);
const revoke = ({ walletId, chain }: TestWallet) => vault.client('signer').revoke({ walletId, chain, reason: 'left' });
const pending = async () =>
  (await sql<{ pending: string }>(vault, 'SELECT count(*) AS pending FROM vault_api.pending_tombstones(500)'))[0]
    ?.pending;
const replay = async () => {
  const sum = { applied: 0, known: 0, destroyed: 0, refused: [] as unknown[], listedAt: '' };
  const input = { environment: vault.environment, reason: 'restore' };
  for await (const { applied, known, destroyed, refused, listedAt } of vault.client('signer').replayBucket(input)) {
    sum.applied += applied;
    sum.known += known;
    sum.destroyed += destroyed;
    sum.refused.push(...(refused ?? []));
    sum.listedAt ||= listedAt;
  }
  return sum;
};
/** Puts versions over a bucket's tombstones as S3 itself does, for a lifecycle rule: its policy is not asked. */
const cover = (name: string, each: (store: BucketStore, key: string) => void) => {
  const place = { name, versioned: true, lock: { byDefault: undefined } };
  const store = new BucketStore(place, join(dataDir, 'aws', 's3'), () => new Date());
  for (const { key } of store.list()) each(store, key);
};
const thaw = async () => {
  const [{ freezeId } = { freezeId: 0 }] = (await vault.client('guard').freezes()).freezes;
  await vault.client('guard').requestThaw({ freezeId, reason: 'restored' });
  return vault.client('second').confirmThaw({ freezeId });
};

beforeAll(async () => {
  dataDir = await freshData(template);
  vault = await start();
  for (const wallet of all) await sealWallet(vault, wallet);
  await vault.close();
  copy('postgres', 'backup');
  vault = await start();
});
afterAll(async () => {
  await vault.close();
  rmSync(dataDir, { recursive: true, force: true });
});

describe('a vault with a bucket of tombstones', () => {
  test('has a tombstone there before the response to a revocation, and to a delivery that revokes', async () => {
    await revoke(revoked);
    expect(await walletsInBucket()).toEqual([revoked.walletId]);
    expect(await codeOf(vault, revokedOf(delivered))).toBe('200 Destroyed');

    expect((await walletsInBucket()).sort()).toEqual([revoked.walletId, delivered.walletId].sort());
    expect((await keys()).map((key) => key.split('/')[0])).toEqual(['delegated-tombstones', 'tombstones']);
    expect(await pending()).toBe('0');
  });

  test('revokes although the bucket is out of reach, and brings the tombstone there with the next sweep', async () => {
    const env = vault.functionEnv('revoke');
    const nowhere = { ...env, SHARE_VAULT_TOMBSTONE_BUCKET: `${vault.account}/no-such-bucket` };
    await vault.lambda.updateFunction(vault.functions.revoke, { env: nowhere });
    await expect(revoke(unkept)).resolves.toMatchObject({ revoked: 1 });
    await vault.lambda.updateFunction(vault.functions.revoke, { env });
    expect(await pending()).toBe('1');

    expect((await invoke(vault, 'migrate', {})).body).toMatchObject({ tombstonesPending: 0 });
    expect(await walletsInBucket()).toContain(unkept.walletId);
  });

  test('lets nobody delete or replace one, an administrator included', async () => {
    const [key = ''] = await keys();

    expect(await s3(`/${key}`, { method: 'DELETE' })).toMatchObject({ status: 403 });
    expect(await s3(`/${key}`, { method: 'PUT', body: '{}' })).toMatchObject({ status: 403 });
    expect(await walletsInBucket()).toContain(revoked.walletId);
  });

  test('lets revoke read its objects only in their versions, and no other function at all', async () => {
    const [key = ''] = await keys();
    const as = (name: 'revoke' | 'migrate', target: string) =>
      requestS3(vault.url, vault.functionSession(vault.functions[name]), `/${bucket()}${target}`);

    expect(await as('revoke', '?prefix=tombstones%2F&versions=')).toMatchObject({ status: 200 });
    expect(await as('revoke', '?versions=')).toMatchObject({ status: 403 });
    expect(await as('revoke', '?list-type=2&prefix=tombstones%2F')).toMatchObject({ status: 403 });
    expect(await as('revoke', `/${key}`)).toMatchObject({ status: 403 });
    expect(await as('migrate', '?prefix=tombstones%2F&versions=')).toMatchObject({ status: 403 });
  });
});

describe('the bucket of a vault that reseals', () => testKeptReceipts(() => vault));

describe('a database that was restored from a backup', () => {
  beforeAll(async () => {
    const name = bucket();
    await vault.close();
    const other = { contentType: 'application/json', etag: '', checksums: {} };
    cover(name, (store, key) => {
      store.add(key, { bytes: Buffer.from('{}'), ...other }, undefined);
      store.add(key, undefined, undefined);
    });
    rmSync(join(dataDir, 'postgres'), { recursive: true });
    copy('backup', 'postgres');
    vault = await start(RESTORED);
  });

  test('has the revoked shares again, and opens none', async () => {
    const rows = await sql<{ wallet: string }>(vault, 'SELECT wallet_id AS wallet FROM vault.delegated_shares');

    expect(rows.map(({ wallet }) => wallet).sort()).toEqual(all.map(({ walletId }) => walletId).sort());
    for (const wallet of all) await expect(unsealWallet(vault, wallet)).rejects.toThrowWithCode('Frozen');
  });

  test('is not thawed before the tombstones were replayed', async () => {
    await expect(thaw()).rejects.toThrowWithCode('Conflict');
  });

  test('is not released by a list of the time before it was frozen', async () => {
    const until = new Date(Date.now() - 3_600_000).toISOString();

    const { freezes, missing } = await vault.client('signer').finishReplay({ environment: 'local', until });
    expect([freezes, missing?.since !== undefined]).toEqual([0, true]);
    await expect(thaw()).rejects.toThrowWithCode('Conflict');
  });

  test('takes the tombstones of the bucket below what was put over them, twice without harm', async () => {
    expect(await keys()).toEqual([]);
    expect(await replay()).toMatchObject({ applied: 3, known: 0, destroyed: 3 });
    const { listedAt: until, ...again } = await replay();
    expect(again).toMatchObject({ applied: 0, known: 3, destroyed: 0, refused: [] });

    // less than a minute after the freeze the bucket may lack a tombstone: somebody states that it does not
    const { missing } = await vault.client('signer').finishReplay({ environment: 'local', until });
    const stated = { environment: 'local', since: until, until: missing?.until ?? until };
    await expect(vault.client('signer').finishReplay(stated)).resolves.toEqual({ freezes: 1 });
  });

  test('is thawed by two actors then: what was revoked stays closed, and the others open', async () => {
    await thaw();

    for (const wallet of [revoked, delivered, unkept]) {
      await expect(unsealWallet(vault, wallet)).rejects.toThrowWithCode('Revoked');
    }
    await expect(unsealWallet(vault, kept)).resolves.toEqual(kept.materials);
    await expect(vault.client('auditor').verifyAccessLog(revoked)).resolves.toMatchObject({ intact: true });
  });

  test('is not frozen again by another deploy', async () => {
    expect((await invoke(vault, 'migrate', {})).body).toMatchObject({ frozen: 0 });
  });
});

describe('a forged tombstone', () => {
  const notedAt = '2020-01-01T00:00:00.000000Z';
  const put = (who: Parameters<typeof requestS3>[1], { key, bytes }: ReturnType<typeof tombstoneObject>) =>
    requestS3(vault.url, who, `/${bucket()}/${key}`, {
      ...{ method: 'PUT', body: bytes.toString() },
      headers: { 'if-none-match': '*', 'x-amz-checksum-sha256': createHash('sha256').update(bytes).digest('base64') },
    });

  test('of another environment, which only a function of the vault could put, is named by a replay, which goes on', async () => {
    const foreign = { ...kept, environment: 'prod', revokedUntilNs: '9', notedAt };
    const object = tombstoneObject(foreign, TOMBSTONES_PREFIX);

    expect(await put(vault.credentials, object)).toMatchObject({ status: 403 });
    expect(await put(vault.functionSession(vault.functions.revoke), object)).toMatchObject({ status: 200 });
    const problem: unknown = expect.stringContaining('this environment');
    expect(await replay()).toMatchObject({ applied: 0, refused: [{ key: object.key, problem }] });
    await expect(unsealWallet(vault, kept)).resolves.toEqual(kept.materials);
  });

  test('of server key shares is put nowhere by the session of receive, but where a replay refuses it', async () => {
    const receive = vault.functionSession(vault.functions.receive);
    const forged = { ...kept, environment: 'local', serverKeySharesRevokedAt: '2020-01-01T00:00:00.000Z', notedAt };
    const [delegated, full] = TOMBSTONE_PREFIXES.map((prefix) => tombstoneObject(forged, prefix));

    expect(full && (await put(receive, full))).toMatchObject({ status: 403 });
    expect(delegated && (await put(receive, delegated))).toMatchObject({ status: 200 });
    const problem: unknown = expect.stringContaining('delegated shares');
    const { refused, applied } = await replay();
    expect([applied, refused]).toEqual([0, [{ key: delegated?.key, problem }, expect.anything()]]);
    await expect(unsealWallet(vault, kept)).resolves.toEqual(kept.materials);
  });
});
