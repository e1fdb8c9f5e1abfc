import { expect, test } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { createPublicKey, randomUUID } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RecoveryKey } from '../../../lib/recovery-key';
import { recoveryFingerprint } from '../../../lambda/contract/recovery';
import { material } from '../../support/run';
import { run } from './support/account';
import { rowOf, sealRow } from './support/recovery-row';

const PAGE = readFileSync(join(__dirname, '..', '..', '..', 'docs', 'keys', 'recovery.md'), 'utf8');

/** Returns the page's first blocks of commands: they make a key and print its fingerprint. */
function blocks(): readonly string[] {
  return [...PAGE.matchAll(/```sh\n([^]*?)```/g)].slice(0, 2).map(([, commands = '']) => commands);
}

test('the commands of docs/keys/recovery.md make a key that the construct takes and that opens a record', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'recover-openssl-'));
  const passphrase = join(folder, 'passphrase');
  writeFileSync(passphrase, `${randomUUID()}\n`);
  // openssl would ask a terminal
  const answered = blocks().map((commands) =>
    commands
      .replace('openssl genpkey', `openssl genpkey -pass file:${passphrase}`)
      .replace('openssl pkey -in', `openssl pkey -passin file:${passphrase} -in`),
  );
  const sh = (commands: string): string =>
    execFileSync('sh', ['-ec', commands], { cwd: folder, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  const [fingerprint = ''] = answered.map(sh).slice(-1);
  const pem = readFileSync(join(folder, 'safe-2026.pub.pem'), 'utf8');
  const publicKey = createPublicKey(pem);
  const [delegatedShare, walletApiKey] = [material(900), material(40)];
  const sealed = await sealRow('delegated-share', { delegatedShare, walletApiKey }, { 'safe-2026': publicKey });
  writeFileSync(join(folder, 'row.json'), JSON.stringify(rowOf(sealed)));
  const at = (name: string): string => join(folder, name);

  const { code } = await run([
    ...['recover', '--environment', 'prod', '--record', at('row.json')],
    ...['--private-key', at('safe-2026.pem'), '--passphrase-file', passphrase],
    ...['--delegated-share', at('share.json'), '--wallet-api-key', at('key.txt')],
  ]);

  expect(fingerprint.trim()).toBe(recoveryFingerprint(publicKey.export({ format: 'der', type: 'spki' })));
  expect(() => RecoveryKey.offline({ name: 'safe-2026', publicKey: pem })).not.toThrow();
  expect(() => RecoveryKey.offline({ name: 'safe-2026', publicKey: readFileSync(at('safe-2026.pem'), 'utf8') })).toThrow('publicKey'); // prettier-ignore
  expect(code).toBe(0);
  expect(readFileSync(at('share.json'))).toEqual(delegatedShare);
  expect(readFileSync(at('key.txt'))).toEqual(walletApiKey);
  rmSync(folder, { recursive: true });
}, 60_000);
