import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createTombstoneBucket } from '../../../lambda/store/tombstone-bucket';
import { S3Bucket } from '../../../lambda/remote/s3';
import { readVersionPage } from '../../../lambda/remote/version-page';
import { type AwsServer, startAwsServer } from '../../../local/emulator/services';
import { LocalS3 } from '../../../local/emulator/services/s3';
import { requestS3 } from '../../local/emulator/services/s3/support';

const ACCOUNT = '111111111111';
const lock = { byDefault: { mode: 'COMPLIANCE', days: 65 } } as const;
const BUCKETS = [{ name: 'mine', versioned: true, lock, account: ACCOUNT }];
const bucket = new S3Bucket({ account: ACCOUNT, bucket: 'mine' });
const { signal } = new AbortController();
const credentials = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'unused', sessionToken: 'unused' };

/** What no function of the vault does, and somebody who changed the bucket's policy can. */
const overwrite = (key: string, body: string) =>
  requestS3(server.url, credentials, `/mine/${key}`, {
    ...{ method: 'PUT', body },
    headers: { 'x-amz-checksum-sha256': createHash('sha256').update(body).digest('base64') },
  });
const hide = (key: string) => requestS3(server.url, credentials, `/mine/${key}`, { method: 'DELETE' });
const keysOf = ({ objects }: Awaited<ReturnType<S3Bucket['listOldest']>>) => objects.map(({ key }) => key);
const textsOf = async ({ objects }: Awaited<ReturnType<S3Bucket['listOldest']>>) =>
  Promise.all(objects.map(async (object) => (await bucket.get(object, signal)).toString()));

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

    expect(await textsOf(await bucket.listOldest('tombstones/once', '', signal))).toEqual(['first']);
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

    const first = await bucket.listOldest('many/', 'many/101', signal);
    expect(first.objects).toHaveLength(100);
    expect([keysOf(first)[0], first.next]).toEqual(['many/101.json', 'many/200.json']);
    const second = await bucket.listOldest('many/', first.next ?? '', signal);
    expect(keysOf(second)).toEqual(['many/201.json', 'many/202.json', 'many/203.json', 'many/204.json']);
    expect(second.next).toBeUndefined();
  });

  test('lists the oldest version of a key, whatever was put over it or hides it', async () => {
    for (const key of ['over/a', 'over/b', 'over/c']) await bucket.putOnce(key, Buffer.from(`own ${key}`), signal);
    await hide('over/a');
    await overwrite('over/b', 'foreign');
    await overwrite('over/b', 'another');
    await hide('over/c');
    await overwrite('over/c', 'foreign');
    await hide('over/c');

    const page = await bucket.listOldest('over/', '', signal);
    expect(keysOf(page)).toEqual(['over/a', 'over/b', 'over/c']);
    expect(await textsOf(page)).toEqual(['own over/a', 'own over/b', 'own over/c']);
  });

  test('finds the oldest version below more delete markers than a page has, and the keys behind it', async () => {
    for (const key of ['below/a', 'below/b', 'below/c']) {
      await bucket.putOnce(key, Buffer.from(`own ${key}`), signal);
    }
    for (let number = 0; number < 210; number += 1) await hide('below/b');

    const first = await bucket.listOldest('below/', '', signal);
    expect([keysOf(first), first.next]).toEqual([['below/a'], 'below/a']);
    const second = await bucket.listOldest('below/', 'below/a', signal);
    expect([await textsOf(second), second.next]).toEqual([['own below/b', 'own below/c'], undefined]);
  });

  test('lists a key whose version is above a delete marker, and none that has only markers', async () => {
    await hide('hidden/a');
    await hide('hidden/b');
    await bucket.putOnce('hidden/b', Buffer.from('own'), signal);

    const page = await bucket.listOldest('hidden/', '', signal);
    expect([keysOf(page), await textsOf(page)]).toEqual([['hidden/b'], ['own']]);
  });

  test('lists keys of any characters among others, and goes on after each', async () => {
    const strange = ['any/a b+c&<%2F>', "any/'(*)!~", 'any/ä😀', 'any/\u0007'];
    for (const key of strange) {
      const target = encodeURIComponent(key).replaceAll('%2F', '/').replace(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`); // prettier-ignore
      expect(await overwrite(target, 'x')).toMatchObject({ status: 200 });
    }
    await bucket.putOnce('any/z.json', Buffer.from('x'), signal);

    const byBytes = [...strange, 'any/z.json'].sort((one, other) =>
      Buffer.compare(Buffer.from(one), Buffer.from(other)),
    );
    expect(keysOf(await bucket.listOldest('any/', '', signal))).toEqual(byBytes);
    for (const [at, key] of byBytes.entries()) {
      expect(keysOf(await bucket.listOldest('any/', key, signal))).toEqual(byBytes.slice(at + 1));
    }
  });

  test('is refused by a bucket of another account', async () => {
    const foreign = new S3Bucket({ account: '222222222222', bucket: 'mine' });

    await expect(foreign.putOnce('tombstones/a.json', Buffer.from('x'), signal)).rejects.toThrow(/got status 403/);
    await expect(foreign.listOldest('tombstones/', '', signal)).rejects.toThrow(/got status 403/);
  });

  test('gets no object that does not exist, and names no key that needs escapes', async () => {
    await expect(bucket.get({ key: 'tombstones/none.json', versionId: 'none' }, signal)).rejects.toThrowWithCode(
      'KeyUnavailable',
    );
    await expect(bucket.get({ key: 'tombstones/a b', versionId: 'none' }, signal)).rejects.toThrowWithCode(
      'InternalError',
    );
  });

  test('fails if the bucket does not respond in the time left', async () => {
    process.env.AWS_ENDPOINT_URL_S3 = 'http://127.0.0.1:9';

    await expect(bucket.putOnce('tombstones/b.json', Buffer.from('x'), signal)).rejects.toThrowWithCode(
      'KeyUnreachable',
    );
  });
});

describe('a list of versions', () => {
  const entry = (kind: string, content: string) => `<${kind}><IsLatest>true</IsLatest>${content}</${kind}>`;
  const list = (content: string) => `<ListVersionsResult><Name>mine</Name>${content}</ListVersionsResult>`;
  const own = entry('Version', '<Key>a</Key><VersionId>1/+=</VersionId><Size>7</Size>');
  const whole = '<IsTruncated>false</IsTruncated>';
  const part = '<IsTruncated>true</IsTruncated>';

  test('is read with its delete markers, and with the version behind which it goes on', () => {
    const marker = entry('DeleteMarker', '<Key>a</Key><VersionId>2</VersionId>');
    const next = '<NextKeyMarker>a</NextKeyMarker><NextVersionIdMarker>1/+=</NextVersionIdMarker>';

    expect(readVersionPage(list(part + next + marker + own))).toEqual({
      entries: [
        { key: 'a', version: undefined },
        { key: 'a', version: { versionId: '1/+=', size: 7 } },
      ],
      next: { 'key-marker': 'a', 'version-id-marker': '1/+=' },
    });
    expect(readVersionPage(list(whole))).toEqual({ entries: [], next: undefined });
  });

  test.each([
    ['does not say whether it is whole', own],
    ['is a part without the version behind which it goes on', `${part}<NextKeyMarker>a</NextKeyMarker>${own}`],
    ['has an entry of another kind', `${whole}<Other><Key>b</Key><VersionId>1</VersionId></Other>${own}`],
    ['has a version without an id', whole + own + entry('Version', '<Key>b</Key><Size>1</Size>')],
    ['has a version without a size', whole + own + entry('Version', '<Key>b</Key><VersionId>1</VersionId>')],
    [
      'has a key with escapes of XML',
      whole + entry('Version', '<Key>a&lt;</Key><VersionId>1</VersionId><Size>1</Size>'),
    ],
    ['has a key that is cut', whole + entry('Version', '<Key>a%C3</Key><VersionId>1</VersionId><Size>1</Size>')],
  ])('that %s is refused', (_, content) => {
    expect(readVersionPage(list(content))).toBeUndefined();
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
