import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { mkdtempSync, rmSync } from 'node:fs';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createTombstoneBucket } from '../../../lambda/store/tombstone-bucket';
import { S3Bucket } from '../../../lambda/remote/s3';
import { type AwsServer, startAwsServer } from '../../../local/emulator/services';
import { LocalS3 } from '../../../local/emulator/services/s3';

const ACCOUNT = '111111111111';
const lock = { byDefault: { mode: 'COMPLIANCE', days: 65 } } as const;
const BUCKETS = [{ name: 'mine', versioned: true, lock, account: ACCOUNT }];
const bucket = new S3Bucket({ account: ACCOUNT, bucket: 'mine' });
const { signal } = new AbortController();

let dir: string;
let server: AwsServer;
const saved = { ...process.env };
beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'share-vault-bucket-'));
  server = await startAwsServer({ services: [new LocalS3({ buckets: BUCKETS, dir })] });
});
beforeEach(() => {
  Object.assign(process.env, {
    ...{ AWS_REGION: 'eu-west-1', AWS_ENDPOINT_URL_S3: server.url },
    ...{ AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE', AWS_SECRET_ACCESS_KEY: 'unused', AWS_SESSION_TOKEN: 'unused' },
  });
});
afterAll(async () => {
  process.env = saved;
  await server.close();
  rmSync(dir, { recursive: true });
});

describe("a vault's function", () => {
  test('puts an object once: a repetition neither fails nor replaces it', async () => {
    await bucket.putOnce('tombstones/once.json', Buffer.from('first'), signal);
    await bucket.putOnce('tombstones/once.json', Buffer.from('second'), signal);

    expect((await bucket.get('tombstones/once.json', signal)).toString()).toBe('first');
  });

  test('asks once for an object that exists, and again after a conflict with another put', async () => {
    const statuses = [412, 409, 200];
    const methods: string[] = [];
    const fake = createServer((request, response) => {
      methods.push(request.method ?? '');
      request.resume().on('end', () => response.writeHead(statuses.shift() ?? 500).end());
    }).listen(0, '127.0.0.1');
    await once(fake, 'listening');
    process.env.AWS_ENDPOINT_URL_S3 = `http://127.0.0.1:${(fake.address() as AddressInfo).port}`;

    await bucket.putOnce('tombstones/exists.json', Buffer.from('x'), signal);
    expect(methods).toHaveLength(1);
    await bucket.putOnce('tombstones/beside.json', Buffer.from('x'), signal);
    expect(methods).toHaveLength(3);
    fake.close();
  });

  test('lists 100 keys of a prefix after a text, and then the others', async () => {
    for (let number = 100; number < 205; number += 1) {
      await bucket.putOnce(`many/${number}.json`, Buffer.from('x'), signal);
    }
    await bucket.putOnce('others/1.json', Buffer.from('x'), signal);

    const first = await bucket.list('many/', 'many/101', signal);
    expect(first.keys).toHaveLength(100);
    expect([first.keys[0], first.isPart]).toEqual(['many/101.json', true]);
    expect(await bucket.list('many/', first.keys.at(-1) ?? '', signal)).toEqual({
      keys: ['many/201.json', 'many/202.json', 'many/203.json', 'many/204.json'],
      isPart: false,
    });
  });

  test('is refused by a bucket of another account', async () => {
    const foreign = new S3Bucket({ account: '222222222222', bucket: 'mine' });

    await expect(foreign.putOnce('tombstones/a.json', Buffer.from('x'), signal)).rejects.toThrow(/got status 403/);
    await expect(foreign.list('tombstones/', '', signal)).rejects.toThrow(/got status 403/);
  });

  test('gets no object that does not exist, and names no key that needs escapes', async () => {
    await expect(bucket.get('tombstones/none.json', signal)).rejects.toThrowWithCode('KeyUnavailable');
    await expect(bucket.get('tombstones/a b', signal)).rejects.toThrowWithCode('InternalError');
  });

  test('fails if the bucket does not respond in the time left', async () => {
    process.env.AWS_ENDPOINT_URL_S3 = 'http://127.0.0.1:9';

    await expect(bucket.putOnce('tombstones/b.json', Buffer.from('x'), signal)).rejects.toThrowWithCode(
      'KeyUnreachable',
    );
  });
});

test('the bucket of tombstones is that of the variable, and none without it', () => {
  expect(createTombstoneBucket({})).toBeUndefined();
  expect(createTombstoneBucket({ SHARE_VAULT_TOMBSTONE_BUCKET: `${ACCOUNT}/mine` })).toEqual(bucket);
});

test.each(['', 'mine', '1/mine', `${ACCOUNT}/Mine`, `${ACCOUNT}/mi.ne`, `${ACCOUNT}/mine/more`])(
  'the bucket of tombstones is misconfigured as %j',
  (text) => {
    expect(() => createTombstoneBucket({ SHARE_VAULT_TOMBSTONE_BUCKET: text })).toThrowWithCode('Misconfigured');
  },
);
