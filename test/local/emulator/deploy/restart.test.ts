import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { chmodSync, mkdtempSync, readFileSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Deployed, readTrail, trailFile } from '../../../../local/emulator/deploy';
import { type TestWallet, BACKEND, clientOf, deliver, deployTest, makeWallet, unseal } from './support';

let dataDir: string;
let wallet: TestWallet;
beforeAll(async () => {
  dataDir = mkdtempSync(join(tmpdir(), 'share-vault-deployed-'));
  // PostgreSQL's own user must be able to traverse it
  chmodSync(dataDir, 0o711);
  wallet = makeWallet();
  const vault = await deployTest({ dataDir });
  await deliver(vault, wallet).finally(() => vault.close());
});

describe('a deployment on the data folder of a former one', () => {
  const lines: string[] = [];
  let vault: Deployed;
  beforeAll(async () => {
    vault = await deployTest({ dataDir, trace: (line) => lines.push(line) });
  });
  afterAll(() => vault.close());

  test('opens what was sealed before', async () => {
    const backend = await clientOf(vault, 'signer', vault.session(BACKEND));

    expect(await unseal(backend, wallet)).toEqual(wallet.materials);
  });

  test('traces each call on a line of principal, action, resource, context and statements', () => {
    expect(lines).toContainEqual(
      expect.stringMatching(
        /^allow assumed-role\/\S+\/share-vault-dev-unseal kms:Decrypt key\/\S+ \{.*environment=dev, .*\} allowed by .*AllowUnseal \(resource\)/,
      ),
    );
    expect(lines).toContainEqual(
      expect.stringMatching(
        /^allow assumed-role\/backend\/session lambda:InvokeFunction function:share-vault-dev-unseal:signer/,
      ),
    );
  });

  test('keeps a trail of every use of a key, over both', () => {
    const entries = readTrail(trailFile(dataDir));

    expect(statSync(trailFile(dataDir)).mode & 0o777).toBe(0o600);
    expect(entries.filter(({ action, result }) => `${action} ${result}` === 'kms:Decrypt ok').length).toBeGreaterThan(
      4,
    );
    expect(entries).toContainEqual(
      expect.objectContaining({
        principal: expect.stringMatching(/:assumed-role\/.+\/share-vault-dev-receive$/),
        action: 'kms:GenerateDataKey',
        resource: expect.stringMatching(/^arn:aws:kms:.*:key\//),
        encryptionContext: expect.objectContaining({ environment: 'dev', field: 'delegated_share' }),
        result: 'ok',
        requestId: expect.stringMatching(/^[0-9a-f-]{36}$/),
      }),
    );
  });

  test('traces the use of a key by Secrets Manager for its caller', () => {
    expect(readTrail(trailFile(dataDir))).toContainEqual(
      expect.objectContaining({
        principal: expect.stringMatching(/:assumed-role\/.+\/share-vault-dev-migrate$/),
        action: 'kms:Decrypt',
        encryptionContext: { SecretARN: expect.any(String), SecretVersionId: expect.any(String) },
        result: 'ok',
      }),
    );
  });

  test('puts refused calls on the trail, with the reason', async () => {
    const stranger = await clientOf(vault, 'auditor', vault.principal('stranger', []));
    await expect(Array.fromAsync(stranger.accessLog(wallet))).rejects.toMatchObject({ name: 'ShareVaultError' });

    expect(readTrail(trailFile(dataDir)).at(-1)).toMatchObject({
      principal: 'arn:aws:sts::111122223333:assumed-role/stranger/session',
      action: 'lambda:InvokeFunction',
      result: 'AccessDeniedException',
      message: expect.stringContaining('is not authorized to perform: lambda:InvokeFunction'),
    });
  });

  test('keeps no token and no secret in the trail', () => {
    const text = readFileSync(trailFile(dataDir), 'utf8');

    expect(text).not.toContain(vault.administrator.sessionToken);
    expect(text).not.toContain(vault.administrator.secretAccessKey);
    expect(text).not.toContain('X-Amz-');
  });
});

describe('a deployment without authorization', () => {
  let vault: Deployed;
  beforeAll(async () => {
    vault = await deployTest({ dataDir, authorization: false });
  });
  afterAll(() => vault.close());

  test('allows every signed call', async () => {
    const stranger = await clientOf(vault, 'signer', vault.principal('stranger', []));

    expect(await unseal(stranger, wallet)).toEqual(wallet.materials);
  });

  test('refuses a call that is not signed', async () => {
    const nobody = { ...vault.administrator, secretAccessKey: 'another' };

    await expect(clientOf(vault, 'signer', nobody)).rejects.toMatchObject({ name: 'InvalidSignatureException' });
  });
});
