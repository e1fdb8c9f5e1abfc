import { createHash } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, jest, test } from '@jest/globals';
import type { Context } from 'aws-lambda';
import { VaultError } from '../../lambda/contract/errors';
import type { Handler } from '../../lambda/invocation/handler';
import type { RecordStore, StoredProperties } from '../../lambda/store/store';
import { receiveEnv } from './webhook/receiver';

const environment = { ...process.env };
const properties = jest.fn<RecordStore['properties']>();
const out: string[] = [];
let handler: Handler;

beforeAll(async () => {
  const unused = { shareKeyArn: '', webhookKeys: {}, secretArn: '' };
  const actors = JSON.stringify({ reader: [], signer: ['delegated-share'] });
  Object.assign(process.env, receiveEnv('http://127.0.0.1:9', unused), { SHARE_VAULT_ACTORS: actors });
  jest.doMock('../../lambda/store/postgres', () => ({ createPostgresStore: () => ({ properties }) }));
  handler = (await import('../../lambda/properties')).handler;
  jest.spyOn(process.stdout, 'write').mockImplementation((line) => out.push(String(line)) > 0);
});
beforeEach(() => {
  properties.mockReset();
  properties.mockResolvedValue(STORED);
});
afterAll(() => {
  jest.restoreAllMocks();
  process.env = environment;
});

const TEXT = '{"threshold":2,"note":"ä hunter2"}';
const SHA256 = createHash('sha256').update(TEXT, 'utf8').digest();
const STORED: StoredProperties = {
  version: 3,
  properties: TEXT,
  sha256: SHA256,
  createdAt: new Date('2026-11-20T10:00:00.000Z'),
};
const call = (event: unknown, qualifier = ':reader') => {
  const invokedFunctionArn = `arn:aws:lambda:us-east-1:111122223333:function:share-vault-local-properties${qualifier}`;
  return handler(event, {
    awsRequestId: 'request-1',
    invokedFunctionArn,
    getRemainingTimeInMillis: () => 5_000,
  } as Context);
};

describe('properties', () => {
  test.each([[undefined], [3]])('responds with a version to a request for %p', async (version) => {
    const wallet = { walletId: 'wallet-1', chain: 'EVM' };

    const response = await call({ ...wallet, ...(version !== undefined && { version }) });

    expect(properties).toHaveBeenCalledWith(wallet, version, expect.anything(), undefined);
    expect(response).toEqual({
      version: 3,
      walletProperties: TEXT,
      sha256: SHA256.toString('hex'),
      createdAt: '2026-11-20T10:00:00.000Z',
    });
  });

  test('omits the text that the caller has', async () => {
    properties.mockResolvedValue({ ...STORED, properties: undefined });
    const sha256 = SHA256.toString('hex');

    const response = await call({ walletId: 'wallet-1', chain: 'EVM', ifNoneMatch: sha256 });

    expect(properties).toHaveBeenCalledWith(expect.anything(), undefined, expect.anything(), SHA256);
    expect(response).toEqual({ notModified: true, version: 3, sha256, createdAt: '2026-11-20T10:00:00.000Z' });
  });

  test('requires an actor, but no kind', async () => {
    await expect(call({ walletId: 'wallet-1', chain: 'EVM' }, '')).rejects.toThrowWithCode('ActorRequired');
    await expect(call({ walletId: 'wallet-1', chain: 'EVM' }, ':stranger')).rejects.toThrowWithCode('ActorRequired');
    expect(properties).not.toHaveBeenCalled();
  });

  test('refuses what is no request before it reads', async () => {
    await expect(call({ walletId: 'wallet-1' })).rejects.toThrowWithCode('InvalidRequest');
    expect(properties).not.toHaveBeenCalled();
  });

  test('reports that a wallet has none', async () => {
    properties.mockRejectedValue(new VaultError('NotFound', 'expected properties, got none'));

    await expect(call({ walletId: 'wallet-1', chain: 'EVM' })).rejects.toThrowWithCode('NotFound');
  });

  test('logs neither the properties nor the wallet', () => {
    expect(out.length).toBeGreaterThan(0);
    expect(out.filter((line) => line.includes('hunter2') || line.includes('wallet-1'))).toEqual([]);
  });
});
