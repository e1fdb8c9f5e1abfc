import { describe, expect, test } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { scanLogs } from './support/run';

// printable, as materials are
const SECRET = Buffer.from(randomBytes(450).toString('base64'));

function scanOf(log: string | Buffer): readonly string[] {
  const dir = mkdtempSync(join(tmpdir(), 'share-vault-scan-'));
  try {
    mkdirSync(join(dir, 'logs', 'of-one'), { recursive: true });
    writeFileSync(join(dir, 'materials'), `${SECRET.toString('hex')}\n`);
    writeFileSync(join(dir, 'logs', 'of-one', 'postgres.log'), log);
    return scanLogs(dir).leaks;
  } finally {
    rmSync(dir, { recursive: true });
  }
}

describe('the search of the logs for materials', () => {
  test.each([
    ['raw', Buffer.concat([Buffer.from('x'), SECRET])],
    ['that is the whole log', SECRET],
    ['in hex, as PostgreSQL prints it', `\\x${SECRET.toString('hex')}`],
    ['in base64', `{"m":"${SECRET.toString('base64')}"}`],
    ['in base64url', `{"m":"${SECRET.toString('base64url')}"}`],
    ['in base64, at another alignment', Buffer.concat([Buffer.from('a'), SECRET]).toString('base64')],
    ['in base64, at the third alignment', Buffer.concat([Buffer.from('ab'), SECRET]).toString('base64url')],
    ['as the inspector prints a buffer', inspect(SECRET)],
    ['as JSON prints a buffer', JSON.stringify(SECRET)],
    ['as a string', `share: ${SECRET.toString()}`],
    ['as a string in JSON', JSON.stringify({ share: SECRET.toString() })],
    ['as text of two-byte characters', Buffer.from(SECRET.toString(), 'utf16le')],
    ['cut after 40 bytes', SECRET.subarray(0, 40).toString('hex')],
    ['without its first half', SECRET.subarray(300).toString('hex')],
  ])('finds one %s', (_shape, log) => {
    expect(scanOf(log)).toHaveLength(1);
  });

  test('finds none if there is none', () => {
    expect(scanOf(randomBytes(4096).toString('base64'))).toEqual([]);
  });
});
