import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createDecipheriv, createPublicKey, generateKeyPairSync, type KeyObject, randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readHybrid } from '../../../lambda/transport/hybrid';
import { readInbound } from '../../../lambda/transport/inbound';
import { agree, sealOutbound } from '../../../lambda/transport/outbound';
import { readRecipient } from '../../../lambda/transport/recipient';
import { material } from '../../support/run';
import { writeHybrid } from './support/hybrid-envelope';
import { BINDING, KID, NOW_MS, withPart, writeInbound } from './support/inbound-jwe';
import { hasOpenssl, openssl } from './support/openssl';
import { LocalRsaKey } from './support/rsa-key';

const key = new LocalRsaKey();
const { signal } = new AbortController();
const OAEP = ['rsa_padding_mode:oaep', 'rsa_oaep_md:sha256', 'rsa_mgf1_md:sha256'];
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'share-vault-openssl-'));
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

function fileWith(name: string, content: string | Buffer): string {
  const path = join(folder, name);
  writeFileSync(path, content, { mode: 0o600 });
  return path;
}

function wrapWithOpenssl(contentKey: Uint8Array): Buffer {
  const publicKey = fileWith('rsa.pem', key.publicKey.export({ type: 'spki', format: 'pem' }));
  const options = OAEP.flatMap((option) => ['-pkeyopt', option]);
  return openssl(['pkeyutl', '-encrypt', '-pubin', '-inkey', publicKey, ...options], contentKey);
}

/** The use of the derived key in the form of RFC 7518, 4.6.2: A256GCM, no party, 256 bits. */
const OTHER_INFO = Buffer.concat([
  ...[Buffer.from([0, 0, 0, 7]), Buffer.from('A256GCM')],
  ...[Buffer.alloc(4), Buffer.alloc(4), Buffer.from([0, 0, 1, 0])],
]);

/** Agrees on and derives a key with openssl. Returns the content key of an outbound JWE. */
function contentKeyFromOpenssl(privateKey: KeyObject, header: string): Buffer {
  const { epk } = JSON.parse(Buffer.from(header, 'base64url').toString()) as { epk: Record<string, string> };
  const ephemeral = createPublicKey({ key: epk, format: 'jwk' }).export({ type: 'spki', format: 'pem' });
  const own = fileWith('own.pem', privateKey.export({ type: 'pkcs8', format: 'pem' }));
  const files = ['-inkey', own, '-peerkey', fileWith('epk.pem', ephemeral)];
  const secret = openssl(['pkeyutl', '-derive', ...files], Buffer.alloc(0)).toString('hex');
  const options = ['digest:SHA256', `hexkey:${secret}`, `hexinfo:${OTHER_INFO.toString('hex')}`];
  const kdfOptions = options.flatMap((option) => ['-kdfopt', option]);
  return openssl(['kdf', '-binary', '-keylen', '32', ...kdfOptions, 'SSKDF'], Buffer.alloc(0));
}

function exchanges(): void {
  test('wraps a content key that an inbound JWE opens with', async () => {
    const [secret, contentKey] = [material(600), randomBytes(32)];
    const wrapped = wrapWithOpenssl(contentKey).toString('base64url');
    const jwe = withPart(writeInbound(key, secret, { contentKey }), 1, () => wrapped);

    const inbound = readInbound(jwe, BINDING, new Map([[KID, key]]), NOW_MS);

    expect(await inbound.open(signal)).toEqual(secret);
  });

  test('wraps a content key that an envelope opens with', async () => {
    const secret = material(457);

    expect(await readHybrid(writeHybrid(secret, wrapWithOpenssl), [key]).open(signal)).toEqual(secret);
  });

  test.each([
    ['P-256', generateKeyPairSync('ec', { namedCurve: 'P-256' })],
    ['X25519', generateKeyPairSync('x25519')],
  ])('derives the content key of an outbound JWE to a key of %s', (_crv, pair) => {
    const secret = material(600);
    const recipient = readRecipient(pair.publicKey.export({ format: 'jwk' }));
    const response = {
      env: 'dev',
      record: 'r',
      field: 'delegated_share',
      walletId: 'w',
      chain: 'EVM',
      req: 'q',
    } as const;

    const [header = '', , iv = '', ciphertext = '', tag = ''] = sealOutbound(secret, agree(recipient), response).split(
      '.',
    );

    const contentKey = contentKeyFromOpenssl(pair.privateKey, header);
    const decipher = createDecipheriv('aes-256-gcm', contentKey, Buffer.from(iv, 'base64url'), { authTagLength: 16 });
    decipher.setAAD(Buffer.from(header)).setAuthTag(Buffer.from(tag, 'base64url'));
    const opened = Buffer.concat([decipher.update(ciphertext, 'base64url'), decipher.final()]);
    expect(opened).toEqual(secret);
  });
}

if (hasOpenssl()) describe('openssl', exchanges);
else test.todo('openssl is not tried: expected version 3 or later on this machine, got none');
