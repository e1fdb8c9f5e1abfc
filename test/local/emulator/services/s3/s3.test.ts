import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { type AwsServer, startAwsServer } from '../../../../../local/emulator/services';
import { type Bucket, LocalS3 } from '../../../../../local/emulator/services/s3';
import { type S3Request, requestS3 } from './support';

const DAY_MS = 86_400_000;
const BUCKETS: readonly Bucket[] = [
  { name: 'locked', versioned: true, lock: { byDefault: undefined } },
  { name: 'retained', versioned: true, lock: { byDefault: { mode: 'GOVERNANCE', days: 2 } } },
  { name: 'plain', versioned: false, lock: undefined },
];

let dir: string;
let server: AwsServer;
let s3: LocalS3;
let ahead = 0;
const opened = () => new LocalS3({ buckets: BUCKETS, dir, now: () => new Date(Date.now() + ahead) });
beforeAll(async () => {
  const delegate = {
    ...({ signingName: 's3', protocol: 'rest-xml' } as const),
    matches: (...args: Parameters<LocalS3['matches']>) => s3.matches(...args),
    readBody: (...args: Parameters<LocalS3['readBody']>) => s3.readBody(...args),
    readCall: (...args: Parameters<LocalS3['readCall']>) => s3.readCall(...args),
    respond: (...args: Parameters<LocalS3['respond']>) => s3.respond(...args),
    errorResponse: (...args: Parameters<LocalS3['errorResponse']>) => s3.errorResponse(...args),
  };
  server = await startAwsServer({ services: [delegate] });
});
afterAll(() => server.close());
beforeEach(() => {
  ahead = 0;
  dir = mkdtempSync(join(tmpdir(), 'share-vault-s3-'));
  s3 = opened();
});
afterEach(() => rmSync(dir, { recursive: true }));

const credentials = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'unused', sessionToken: 'unused' };
const request = (target: string, options?: S3Request) => requestS3(server.url, credentials, target, options);
const put = (target: string, body: string, headers: Readonly<Record<string, string>> = {}) =>
  request(target, { method: 'PUT', body, headers });
const remove = (target: string, headers = {}) => request(target, { method: 'DELETE', headers });
const checksum = (body: string) => {
  const sum = Buffer.alloc(4);
  sum.writeUInt32BE(crc32(body));
  return { 'x-amz-checksum-crc32': sum.toString('base64') };
};
const lockedUntil = (mode: string, days: number) => ({
  ...{ 'x-amz-object-lock-mode': mode },
  'x-amz-object-lock-retain-until-date': new Date(Date.now() + days * DAY_MS).toISOString(),
});
const versionOf = ({ headers }: Awaited<ReturnType<typeof put>>) => headers.get('x-amz-version-id') ?? '';

describe('an object', () => {
  test('is returned as it was put, with its type, its ETag and its checksum', async () => {
    await put('/locked/a/b%20c.json', '{"a":1}', { 'content-type': 'application/json', ...checksum('{"a":1}') });
    const { status, text, headers } = await request('/locked/a/b%20c.json', {
      headers: { 'x-amz-checksum-mode': 'ENABLED' },
    });

    expect([status, text]).toEqual([200, '{"a":1}']);
    expect(headers.get('content-type')).toBe('application/json');
    expect(headers.get('etag')).toBe(`"${createHash('md5').update('{"a":1}').digest('hex')}"`);
    expect(headers.get('x-amz-checksum-crc32')).toBe(checksum('{"a":1}')['x-amz-checksum-crc32']);
  });

  test('has its former versions kept, and is hidden by a delete marker', async () => {
    const first = versionOf(await put('/locked/a', 'one'));
    await put('/locked/a', 'two');
    const deleted = await remove('/locked/a');

    expect(deleted.headers.get('x-amz-delete-marker')).toBe('true');
    expect((await request('/locked/a')).code).toBe('NoSuchKey');
    expect((await request(`/locked/a?versionId=${first}`)).text).toBe('one');
    expect((await request(`/locked/a?versionId=${versionOf(deleted)}`)).code).toBe('MethodNotAllowed');
    await remove(`/locked/a?versionId=${versionOf(deleted)}`);
    expect((await request('/locked/a')).text).toBe('two');
  });

  test('is replaced and removed in a bucket without versions', async () => {
    await put('/plain/a', 'one');
    await put('/plain/a', 'two');

    expect((await request('/plain/a')).text).toBe('two');
    expect((await remove('/plain/a')).status).toBe(204);
    expect((await request('/plain/a')).code).toBe('NoSuchKey');
  });

  test('is put once with If-None-Match *, and again after a delete marker', async () => {
    const once = { 'if-none-match': '*' };

    expect((await put('/locked/a', 'one', once)).status).toBe(200);
    expect(await put('/locked/a', 'two', once)).toMatchObject({ status: 412, code: 'PreconditionFailed' });
    expect((await request('/locked/a')).text).toBe('one');
    await remove('/locked/a');
    expect((await put('/locked/a', 'two', once)).status).toBe(200);
  });

  test('survives a restart, with its versions in their order and their locks', async () => {
    const first = versionOf(await put('/locked/a', 'one', { ...lockedUntil('COMPLIANCE', 1), ...checksum('one') }));
    await put('/locked/a', 'two');
    s3 = opened();

    expect((await request('/locked/a')).text).toBe('two');
    expect((await remove(`/locked/a?versionId=${first}`)).code).toBe('AccessDenied');
  });

  test('of chunks with a checksum behind them is put together', async () => {
    const trailer = `x-amz-checksum-crc32:${checksum('abcdef')['x-amz-checksum-crc32']}\r\n\r\n`;
    const headers = {
      'x-amz-content-sha256': 'STREAMING-UNSIGNED-PAYLOAD-TRAILER',
      'x-amz-trailer': 'x-amz-checksum-crc32',
    };

    expect((await put('/locked/a', `3\r\nabc\r\n3\r\ndef\r\n0\r\n${trailer}`, headers)).status).toBe(200);
    expect((await request('/locked/a')).text).toBe('abcdef');
    expect((await put('/locked/b', `3\r\nabc\r\n3\r\ndeX\r\n0\r\n${trailer}`, headers)).code).toBe('BadDigest');
    expect((await put('/locked/c', `9\r\nabc\r\n0\r\n${trailer}`, headers)).code).toBe('InvalidRequest');
  });

  test.each([
    ['a checksum of other bytes', checksum('other'), 'BadDigest'],
    ['an MD5 of other bytes', { 'content-md5': createHash('md5').update('other').digest('base64') }, 'BadDigest'],
    ['a checksum that does not exist here', { 'x-amz-checksum-crc32c': 'AAAAAA==' }, 'NotImplemented'],
    ['a condition that does not exist here', { 'if-none-match': '"etag"' }, 'NotImplemented'],
  ])('with %s is not put', async (_, headers, code) => {
    expect((await put('/locked/a', 'one', headers)).code).toBe(code);
    expect((await request('/locked/a')).code).toBe('NoSuchKey');
  });
});

describe('a locked version', () => {
  test.each([
    ['COMPLIANCE', {}],
    ['COMPLIANCE', { 'x-amz-bypass-governance-retention': 'true' }],
    ['GOVERNANCE', {}],
  ])('in the mode %s is not deleted before its date, with the headers %j', async (mode, headers) => {
    const id = versionOf(await put('/locked/a', 'one', { ...lockedUntil(mode, 2), ...checksum('one') }));

    expect(await remove(`/locked/a?versionId=${id}`, headers)).toMatchObject({ status: 403, code: 'AccessDenied' });
    expect((await request('/locked/a')).text).toBe('one');
    ahead = 3 * DAY_MS;
    expect((await remove(`/locked/a?versionId=${id}`, headers)).status).toBe(204);
    expect((await request('/locked/a')).code).toBe('NoSuchKey');
  });

  test('in the governance mode is deleted with a bypass', async () => {
    const id = versionOf(await put('/locked/a', 'one', { ...lockedUntil('GOVERNANCE', 2), ...checksum('one') }));
    const bypass = { 'x-amz-bypass-governance-retention': 'true' };

    expect((await remove(`/locked/a?versionId=${id}`, bypass)).status).toBe(204);
  });

  test('has the retention of its bucket if it has none of its own', async () => {
    const id = versionOf(await put('/retained/a', 'one', checksum('one')));

    expect((await request('/retained/a?retention=')).text).toMatch(/<Mode>GOVERNANCE<\/Mode><RetainUntilDate>/);
    expect((await remove(`/retained/a?versionId=${id}`)).code).toBe('AccessDenied');
  });

  test.each([
    ['without a checksum', '/locked/a', lockedUntil('COMPLIANCE', 1), 'InvalidRequest'],
    ['without a checksum in a bucket with a retention', '/retained/a', {}, 'InvalidRequest'],
    [
      'until a date that has passed',
      '/locked/a',
      { ...lockedUntil('COMPLIANCE', -1), ...checksum('one') },
      'InvalidArgument',
    ],
    ['without a date', '/locked/a', { 'x-amz-object-lock-mode': 'COMPLIANCE' }, 'InvalidArgument'],
    [
      'in a bucket without locks',
      '/plain/a',
      { ...lockedUntil('COMPLIANCE', 1), ...checksum('one') },
      'InvalidRequest',
    ],
    ['with a legal hold', '/locked/a', { 'x-amz-object-lock-legal-hold': 'ON' }, 'NotImplemented'],
  ])('%s is not put', async (_, target, headers, code) => {
    expect((await put(target, 'one', headers)).code).toBe(code);
    expect((await request(target)).code).toBe('NoSuchKey');
  });
});

describe('a list', () => {
  const keys = (text: string) => [...text.matchAll(/<Key>(.*?)<\/Key>/g)].map(([, key]) => key);

  test('has the keys of a prefix in the order of their bytes, without deleted ones, in pages', async () => {
    for (const key of ['r/b', 'r/a', 'r/B', 'other', 'r/gone']) await put(`/locked/${key}`, 'x');
    await remove('/locked/r/gone');
    const first = await request('/locked/?list-type=2&max-keys=2&prefix=r%2F');
    const token = /<NextContinuationToken>(.*?)</.exec(first.text)?.[1] ?? '';
    const second = await request(`/locked/?continuation-token=${token}&list-type=2&max-keys=2&prefix=r%2F`);

    expect([keys(first.text), keys(second.text)]).toEqual([['r/B', 'r/a'], ['r/b']]);
    expect(second.text).toContain('<IsTruncated>false</IsTruncated>');
  });

  test("of versions has delete markers too, each key's newest first, in pages that end between versions", async () => {
    const ids = [versionOf(await put('/locked/v/a', 'one')), versionOf(await put('/locked/v/a', 'two'))];
    ids.push(versionOf(await remove('/locked/v/a')), versionOf(await put('/locked/v/b', 'x')));
    await put('/locked/w', 'x');
    const entries = (text: string) =>
      [...text.matchAll(/<(Version|DeleteMarker)><Key>(.*?)<\/Key><VersionId>(.*?)</g)].map(([, ...parts]) => parts);
    const first = await request('/locked/?max-keys=2&prefix=v%2F&versions=');
    const [, version = ''] = /<NextVersionIdMarker>(.*?)</.exec(first.text) ?? [];
    const behind = `key-marker=v%2Fa&max-keys=2&prefix=v%2F&version-id-marker=${version}&versions=`;
    const second = await request(`/locked/?${behind}`);

    expect(entries(first.text)).toEqual([
      ['DeleteMarker', 'v/a', ids[2]],
      ['Version', 'v/a', ids[1]],
    ]);
    expect(first.text).toContain('<NextKeyMarker>v/a</NextKeyMarker>');
    expect(entries(second.text)).toEqual([
      ['Version', 'v/a', ids[0]],
      ['Version', 'v/b', ids[3]],
    ]);
    expect(second.text).toContain('<IsTruncated>false</IsTruncated>');
    expect(entries((await request('/locked/?key-marker=v%2Fa&prefix=v%2F&versions=')).text)).toEqual([
      ['Version', 'v/b', ids[3]],
    ]);
  });

  test.each(['key-marker=a&version-id-marker=none', 'version-id-marker=none'])(
    'of versions is refused with %s, a version that does not exist there',
    async (marker) => {
      expect((await request(`/locked/?${marker}&versions=`)).code).toBe('InvalidArgument');
    },
  );
});

test.each([
  ['GET', '/none/a', 'NoSuchBucket'],
  ['GET', '/locked/a?versionId=none', 'NoSuchVersion'],
  ['GET', '/locked/a?retention=', 'NoSuchKey'],
  ['PUT', '/locked/a?retention=', 'NotImplemented'],
  ['GET', '/locked/a?acl=', 'NotImplemented'],
  ['PUT', '/locked', 'NotImplemented'],
  ['GET', '/locked/', 'NotImplemented'],
  ['GET', '/locked/%', 'InvalidURI'],
])('%s %s fails with %s', async (method, target, code) => {
  expect((await request(target, { method })).code).toBe(code);
});
