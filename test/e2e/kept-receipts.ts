import { expect, test } from '@jest/globals';
import { createHash } from 'node:crypto';
import { execFile } from 'node:child_process';
import { appendFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DescribeExecutionCommand, SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';
import type { LocalVault } from '../../local/vault';
import { endpointConfig } from '../../local/vault/endpoint';
import { requestS3 } from '../local/emulator/services/s3/support';
import { commandFile } from '../support/commands';
import { logFolder, runFolder } from '../support/run';
import { useEndpoint } from '../support/use-endpoint';
import { invoke, sql } from './harness';

/** Receipts of reseals in the bucket of a vault with its state machine. */
export function testKeptReceipts(vaultOf: () => LocalVault): void {
  const s3 = (target: string, options: Parameters<typeof requestS3>[3] = {}, who = vaultOf().credentials) =>
    requestS3(vaultOf().url, who, `/${vaultOf().template.buckets()[0]?.name ?? ''}${target}`, options);
  const as = (name: 'reseal' | 'revoke' | 'migrate') => vaultOf().functionSession(vaultOf().functions[name]);
  const put = (key: string, who: Parameters<typeof requestS3>[1], more: Readonly<Record<string, string>> = {}) => {
    const checksum = createHash('sha256').update('{}').digest('base64');
    const headers = { 'if-none-match': '*', 'x-amz-checksum-sha256': checksum, ...more };
    return s3(`/${key}`, { method: 'PUT', body: '{}', headers }, who);
  };
  const receipts = async () => {
    const { text } = await s3('?list-type=2&prefix=receipts%2F');
    const keys = [...text.matchAll(/<Key>(.*?)<\/Key>/g)].map(([, key = '']) => key);
    return Promise.all(keys.map(async (key) => ({ key, text: (await s3(`/${key}`)).text })));
  };
  const inTable = async () =>
    (await sql<{ receipt: string }>(vaultOf(), 'SELECT receipt FROM vault.reseal_receipts ORDER BY written_at')).map(
      ({ receipt }) => receipt,
    );
  const inBucket = async () => (await receipts()).map(({ text }) => text);

  /** Runs a reseal to its end. */
  async function reseal(): Promise<{ readonly run: string; readonly status: unknown; readonly error: unknown }> {
    const states = new SFNClient(endpointConfig(vaultOf()));
    const { region, account } = vaultOf();
    const stateMachineArn = `arn:aws:states:${region}:${account}:stateMachine:share-vault-local-reseal`;
    const { executionArn } = await states.send(new StartExecutionCommand({ stateMachineArn }));
    for (;;) {
      const { status, error, name = '' } = await states.send(new DescribeExecutionCommand({ executionArn }));
      if (status !== 'RUNNING') return { run: name, status, error };
    }
  }

  /** Runs a reseal whose bucket is out of reach. */
  async function resealWithoutBucket() {
    const vault = vaultOf();
    const env = vault.functionEnv('reseal');
    const nowhere = { ...env, SHARE_VAULT_TOMBSTONE_BUCKET: `${vault.account}/no-such-bucket` };
    await vault.lambda.updateFunction(vault.functions.reseal, { env: nowhere });
    const ended = await reseal();
    await vault.lambda.updateFunction(vault.functions.reseal, { env });
    return ended;
  }

  /** Runs the command as it ships. */
  function command(...args: string[]): Promise<{ readonly code: unknown; readonly output: string }> {
    useEndpoint(vaultOf());
    const all = [commandFile('share-vault'), ...args, '--environment', 'local', '--actor', 'auditor'];
    return new Promise((resolve) => {
      execFile(process.execPath, all, { env: process.env }, (error, stdout, stderr) => {
        appendFileSync(join(logFolder(), 'commands.log'), stdout + stderr);
        resolve({ code: error?.code ?? 0, output: stdout + stderr });
      });
    });
  }

  test('the receipt of a run is in the bucket at its end, byte for byte as in the table', async () => {
    const { run, status } = await reseal();

    expect(status).toBe('SUCCEEDED');
    const [{ key, text } = { key: '', text: '' }, ...more] = await receipts();
    expect([more, [text]]).toEqual([[], await inTable()]);
    expect(key).toContain(createHash('sha256').update(text).digest('hex'));
    expect(JSON.parse(text)).toMatchObject({ run });
  });

  test('a run fails if the bucket is out of reach, and the daily sweep puts its receipt', async () => {
    expect(await resealWithoutBucket()).toMatchObject({ status: 'FAILED', error: 'StoreUnavailable' });
    expect([(await inTable()).length, (await inBucket()).length]).toEqual([2, 1]);

    await invoke(vaultOf(), 'migrate', {});
    expect(await inBucket()).toEqual(await inTable());
  });

  test('a run puts the receipt of a former one that failed to', async () => {
    await resealWithoutBucket();
    expect(await reseal()).toMatchObject({ status: 'SUCCEEDED' });

    expect(await inBucket()).toHaveLength(4);
    expect(await inBucket()).toEqual(await inTable());
  });

  test('a receipt is replaced by nobody, and each function puts objects of its own kind only', async () => {
    const [{ key } = { key: '' }] = await receipts();

    expect(await put(key, as('reseal'))).toMatchObject({ status: 412 });
    expect(await put(key, as('reseal'), { 'if-none-match': '' })).toMatchObject({ status: 403 });
    expect(await put(key, vaultOf().credentials)).toMatchObject({ status: 403 });
    expect(await s3(`/${key}`, { method: 'DELETE' })).toMatchObject({ status: 403 });
    const refused = [
      ...(['receipts/a', 'other/a'] as const).map((other) => put(other, as('revoke'))),
      ...(['tombstones/a', 'other/a'] as const).map((other) => put(other, as('reseal'))),
      ...(['receipts/a', 'tombstones/a', 'other/a'] as const).map((other) => put(other, vaultOf().credentials)),
      put('other/a', as('migrate')),
    ];
    expect((await Promise.all(refused)).map(({ status }) => status)).toEqual(refused.map(() => 403));
  });

  test('a receipt that the owner of the table changed is found by a comparison with the object', async () => {
    const [{ text } = { text: '' }] = await receipts();
    const { run } = JSON.parse(text) as { readonly run: string };
    const file = join(runFolder('receipts'), 'receipt.json');
    writeFileSync(file, text);
    const compare = () => command('reseal', 'receipt', run, '--file', file);
    expect(await compare()).toMatchObject({ code: 0, output: expect.stringContaining('the same bytes') });

    const change = `UPDATE vault.reseal_receipts SET receipt = replace(receipt, '"failed":0', '"failed":1'),
      sha256 = pg_catalog.sha256(convert_to(replace(receipt, '"failed":0', '"failed":1'), 'UTF8'))`;
    await expect(sql(vaultOf(), change)).rejects.toThrow(/to be appended to/);
    await sql(vaultOf(), `ALTER TABLE vault.reseal_receipts DISABLE TRIGGER append_only`);
    await sql(vaultOf(), change);

    expect(await compare()).toMatchObject({ code: 1, output: expect.stringContaining('other bytes') });
  });
}
