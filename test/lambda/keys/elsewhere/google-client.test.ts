import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { createGoogleCloudKmsKey } from '../../../../lambda/keys/elsewhere/google-cloud-kms';
import { encodeContext } from '../../../../lambda/message';
import { crc32c } from '../../../../lambda/remote/crc';
import { getWebIdentityToken } from '../../../../lambda/remote/web-identity';
import { AUDIENCES, GoogleFixture, KEY } from '../../../local/emulator/elsewhere/google/support';
import { describeKey } from './google-support';
import type { GoogleClientResult, GoogleClientTask } from './support/google-client';

const CONTEXT = new Map([
  ['environment', 'dev'],
  ['field', 'delegated_share'],
]);
const LIMIT_MS = 120_000;
const soon = () => AbortSignal.timeout(20_000);

/** Has Google's own client do a task in a process of its own. */
async function ask(task: GoogleClientTask): Promise<GoogleClientResult> {
  const script = join(__dirname, 'support', 'google-client.ts');
  // the environment of a test is a copy
  const child = spawn(process.execPath, ['--import', 'tsx', script], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: process.env,
  });
  const ended = once(child, 'exit');
  try {
    child.stdin.write(`${JSON.stringify(task)}\n`);
    const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
    return JSON.parse(line) as GoogleClientResult;
  } finally {
    child.kill();
    await ended;
  }
}

describe("Google's own client, unmodified", () => {
  let fixture = new GoogleFixture();
  let dir = '';
  beforeEach(async () => {
    fixture = await new GoogleFixture().start();
    dir = mkdtempSync(join(tmpdir(), 'share-vault-google-'));
  });
  afterEach(async () => {
    await fixture.close();
    rmSync(dir, { recursive: true });
  });

  test.each(['token', 'signature'] as const)(
    'by a %s opens what the vault wrapped, and the reverse, under the same context only',
    async (method) => {
      const { urls } = fixture;
      const awsStsUrl = fixture.stsUrl.replace('127.0.0.1', 'sts.localhost');
      const tokenFile = join(dir, 'token');
      writeFileSync(tokenFile, await getWebIdentityToken(AUDIENCES.token, soon()));
      const key = createGoogleCloudKmsKey(describeKey({ method }), urls);
      const own = await key.wrapNewDataKey(CONTEXT, soon());
      const dataKey = randomBytes(32);

      const result = await ask({
        ...{ method, urls, awsStsUrl, tokenFile, audience: AUDIENCES[method], key: KEY },
        ciphertext: Buffer.from(own.wrapped[0]?.ciphertext ?? []).toString('base64'),
        additionalData: encodeContext(CONTEXT).toString('base64'),
        plaintext: dataKey.toString('base64'),
        plaintextCrc32c: crc32c(dataKey),
      });

      const plaintext = own.plaintext.toString('base64');
      const refusal = expect.stringContaining('Decryption failed');
      expect(result).toMatchObject({ plaintext, plaintextCrc32c: crc32c(own.plaintext), verified: true, refusal });
      const ciphertext = Buffer.from(result.ciphertext, 'base64');
      const wrapped = { providerId: 'gcp-kms', providerInfo: Buffer.from(KEY), ciphertext };
      expect(await key.unwrapDataKey([wrapped], CONTEXT, soon())).toEqual(dataKey);
    },
    LIMIT_MS,
  );
});
