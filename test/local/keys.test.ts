import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { KMSClient } from '@aws-sdk/client-kms';
import { type AwsServer, startAwsServer } from '../../local/aws';
import { openVaultKeys } from '../../local/keys';
import { LocalKms } from '../../local/kms';

let dir: string;
let server: AwsServer;
let kms: KMSClient;
beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'share-vault-keys-'));
  server = await startAwsServer({ services: [new LocalKms({ dataDir: dir })] });
  const credentials = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'unused' };
  kms = new KMSClient({ endpoint: server.url, region: 'us-east-1', credentials });
});
afterEach(async () => {
  kms.destroy();
  await server.close();
  rmSync(dir, { recursive: true });
});

describe('the keys of a data folder', () => {
  test('are made at its first start and kept from then on, in a file for its owner alone', async () => {
    const first = await openVaultKeys(dir, kms);
    const second = await openVaultKeys(dir, kms);

    expect(second).toEqual(first);
    expect(new Set([first.shareKeyArn, first.intakeKeyArn, first.webhookKeyArn]).size).toBe(3);
    expect(first.webhookKey).toEqual({ kid: 'webhook-1', publicKey: expect.stringContaining('BEGIN PUBLIC KEY') });
    expect(first.webhookKey.publicKey).not.toBe(first.intakeKey.publicKey);
    expect(statSync(join(dir, 'keys.json')).mode & 0o777).toBe(0o600);
  });

  test('that an older folder does not have are added to those that it has', async () => {
    const { shareKeyArn, intakeKeyArn } = await openVaultKeys(dir, kms);
    writeFileSync(join(dir, 'keys.json'), JSON.stringify({ shareKeyArn, intakeKeyArn }));

    const opened = await openVaultKeys(dir, kms);

    expect(opened).toMatchObject({ shareKeyArn, intakeKeyArn, webhookKeyArn: expect.stringMatching(/^arn:aws:kms:/) });
    expect(JSON.parse(readFileSync(join(dir, 'keys.json'), 'utf8'))).toHaveProperty('webhookKeyArn');
  });
});
