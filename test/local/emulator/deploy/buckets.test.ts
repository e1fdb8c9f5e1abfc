import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createAuthorizer } from '../../../../local/emulator/authorization';
import { Authority } from '../../../../local/emulator/deploy/authority';
import { Gate } from '../../../../local/emulator/deploy/gate';
import { Identities } from '../../../../local/emulator/deploy/identities';
import { PhysicalNames } from '../../../../local/emulator/deploy/physical';
import { PolicyBook } from '../../../../local/emulator/deploy/policy-book';
import { readStacks } from '../../../../local/emulator/deploy/read';
import { createS3 } from '../../../../local/emulator/deploy/serve';
import { Trail } from '../../../../local/emulator/deploy/trail';
import { type AwsServer, LocalSecrets, startAwsServer } from '../../../../local/emulator/services';
import { LocalKms } from '../../../../local/emulator/services/kms';
import { type S3Request, requestS3 } from '../services/s3/support';

const Version = '2012-10-17';
const OBJECTS = { 'Fn::Sub': '${Evidence.Arn}/*' };
const ONCE = { StringNotEquals: { 's3:if-none-match': '*' } };
const RESOURCES = {
  Evidence: {
    Type: 'AWS::S3::Bucket',
    Properties: {
      BucketName: 'evidence',
      ObjectLockEnabled: true,
      ObjectLockConfiguration: {
        ObjectLockEnabled: 'Enabled',
        Rule: { DefaultRetention: { Mode: 'COMPLIANCE', Years: 1 } },
      },
    },
  },
  Policy: {
    Type: 'AWS::S3::BucketPolicy',
    Properties: {
      Bucket: { Ref: 'Evidence' },
      PolicyDocument: {
        Version,
        Statement: [
          { Sid: 'DenyDelete', Effect: 'Deny', Principal: '*', Action: 's3:DeleteObject*', Resource: OBJECTS },
          {
            Sid: 'DenyReplace',
            Effect: 'Deny',
            Principal: '*',
            Action: 's3:PutObject',
            Resource: OBJECTS,
            Condition: ONCE,
          },
        ],
      },
    },
  },
};

let dir: string;
let server: AwsServer;
let identities: Identities;
let trail: Trail;
beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'share-vault-buckets-'));
  const template = join(dir, 'Mine.template.json');
  writeFileSync(template, JSON.stringify({ Resources: RESOURCES }));
  const linked = readStacks({ template }, new PhysicalNames());
  const { place } = linked;
  identities = new Identities(linked.template);
  trail = new Trail();
  const book = new PolicyBook(linked.template);
  const authority = new Authority({
    ...{ place, identities, book, trail, authorizer: createAuthorizer() },
    ...{ enabled: true, trace: undefined },
  });
  const parts = { place, authority, identities, trail };
  const guard = new Gate({
    ...parts,
    kms: new LocalKms({ dataDir: dir }),
    secrets: new LocalSecrets({ dataDir: dir }),
  });
  server = await startAwsServer({ services: [createS3({ template: linked.template, awsDir: dir, place })], guard });
});
afterAll(async () => {
  await server.close();
  rmSync(dir, { recursive: true });
});

const BODY = 'evidence';
const ONE = { 'if-none-match': '*', 'content-md5': 'FOENVwBHZn+QQmHm0I9SDw==' };
const as = (name: string, Action: string | string[], Resource = 'arn:aws:s3:::evidence/*') =>
  identities.add(name, [{ Effect: 'Allow', Action, Resource }]);
const call = (who: ReturnType<typeof as>, target: string, options?: S3Request) =>
  requestS3(server.url, who, target, options);
const put = (who: ReturnType<typeof as>, target: string, headers: Readonly<Record<string, string>>) =>
  call(who, target, { method: 'PUT', body: BODY, headers });

describe('a bucket of a template', () => {
  test('takes an object once from a role that may put it, and keeps it from everybody', async () => {
    const writer = as('writer', ['s3:PutObject', 's3:GetObject', 's3:DeleteObject*']);

    expect(await put(writer, '/evidence/a', ONE)).toMatchObject({ status: 200 });
    expect(await put(writer, '/evidence/a', ONE)).toMatchObject({ status: 412, code: 'PreconditionFailed' });
    expect((await call(writer, '/evidence/a')).text).toBe(BODY);
    const { headers } = await call(writer, '/evidence/a');
    expect(headers.get('x-amz-object-lock-mode')).toBe('COMPLIANCE');
    for (const who of [writer, identities.administrator()]) {
      const version = `?versionId=${headers.get('x-amz-version-id') ?? ''}`;
      expect(await call(who, '/evidence/a', { method: 'DELETE' })).toMatchObject({ status: 403, code: 'AccessDenied' });
      expect(await call(who, `/evidence/a${version}`, { method: 'DELETE' })).toMatchObject({ code: 'AccessDenied' });
    }
    expect(trail.entries.at(-1)).toMatchObject({ action: 's3:DeleteObjectVersion', result: 'AccessDeniedException' });
  });

  test('refuses an object without the condition that its policy asks for', async () => {
    const { 'if-none-match': _, ...without } = ONE;

    expect(await put(as('replacer', 's3:*'), '/evidence/b', without)).toMatchObject({
      status: 403,
      code: 'AccessDenied',
    });
  });

  test.each([
    ['put', 's3:PutObject', { method: 'PUT', body: BODY, headers: ONE }, ''],
    ['read', 's3:GetObject', {}, ''],
    ['read in a version', 's3:GetObjectVersion', {}, '?versionId=none'],
    ['have its retention read', 's3:GetObjectRetention', {}, '?retention='],
  ])('lets an object be %s only with %s on it', async (name, action, options, query) => {
    const target = `/evidence/for-${name.replaceAll(' ', '-')}`;
    const other = as(`other ${name}`.replaceAll(' ', '-'), action, 'arn:aws:s3:::evidence/other');
    const one = as(`one ${name}`.replaceAll(' ', '-'), action);

    expect(await call(other, `${target}${query}`, options)).toMatchObject({ status: 403, code: 'AccessDenied' });
    expect((await call(one, `${target}${query}`, options)).code ?? 'ok').not.toBe('AccessDenied');
  });

  test('lets a retention be set only with s3:PutObjectRetention too', async () => {
    const until = new Date(Date.now() + 86_400_000).toISOString();
    const locked = { ...ONE, 'x-amz-object-lock-mode': 'COMPLIANCE', 'x-amz-object-lock-retain-until-date': until };

    expect((await put(as('plain', 's3:PutObject'), '/evidence/c', locked)).code).toBe('AccessDenied');
    expect((await put(as('locker', ['s3:PutObject', 's3:PutObjectRetention']), '/evidence/c', locked)).status).toBe(
      200,
    );
  });

  test('is listed only with s3:ListBucket on the bucket itself', async () => {
    const list = '/evidence/?list-type=2';

    expect((await call(as('objects', 's3:ListBucket'), list)).code).toBe('AccessDenied');
    expect((await call(as('lister', 's3:ListBucket', 'arn:aws:s3:::evidence'), list)).status).toBe(200);
  });

  test('has its versions listed only with s3:ListBucketVersions on the bucket itself', async () => {
    const list = '/evidence/?versions=';
    const allowed = as('versions', 's3:ListBucketVersions', 'arn:aws:s3:::evidence');

    expect((await call(as('latest', 's3:ListBucket', 'arn:aws:s3:::evidence'), list)).code).toBe('AccessDenied');
    expect((await call(allowed, list)).status).toBe(200);
    expect((await call(allowed, '/evidence/?list-type=2')).code).toBe('AccessDenied');
  });

  test('refuses a request whose body or path was changed after it was signed', async () => {
    const writer = as('changed', 's3:*');
    const hash = { ...ONE, 'x-amz-content-sha256': '0'.repeat(64) };

    expect(await put(writer, '/evidence/d', hash)).toMatchObject({ status: 403, code: 'SignatureDoesNotMatch' });
    expect(await call({ ...writer, secretAccessKey: 'other' }, '/evidence/a')).toMatchObject({
      code: 'SignatureDoesNotMatch',
    });
  });
});
