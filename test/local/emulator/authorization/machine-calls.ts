import type { AwsAction } from '../../../../local/emulator/authorization';
import { ACCOUNT, REGION } from './support';

type Call = readonly [string, string, unknown, readonly AwsAction[]];

const MACHINE = `arn:aws:states:${REGION}:${ACCOUNT}:stateMachine:worker`;
const EXECUTION = `arn:aws:states:${REGION}:${ACCOUNT}:execution:worker:a`;
const OBJECT = 'arn:aws:s3:::evidence/a/b';

const states = (operation: string, input: object, resource: string): Call => [
  ...(['states', operation, input] as const),
  [{ action: `states:${operation}`, resource, facts: {} }],
];
const s3 = (operation: string, input: object, names: readonly string[], facts: AwsAction['facts'] = {}): Call => [
  ...(['s3', operation, { Bucket: 'evidence', Key: 'a/b', ...input }] as const),
  names.map((name) => ({ action: `s3:${name}`, resource: OBJECT, facts })),
];

/** The calls of Step Functions and of S3: see `CALLS`. */
export const MACHINE_CALLS: readonly Call[] = [
  ...['StartExecution', 'ListExecutions', 'DescribeStateMachine'].map((operation) =>
    states(operation, { stateMachineArn: MACHINE }, MACHINE),
  ),
  ...['StopExecution', 'DescribeExecution'].map((operation) =>
    states(operation, { executionArn: EXECUTION }, EXECUTION),
  ),
  s3('PutObject', { IfNoneMatch: '*' }, ['PutObject'], { s3IfNoneMatch: '*' }),
  s3('PutObject', { Retention: { mode: 'COMPLIANCE', until: new Date(0) } }, ['PutObject', 'PutObjectRetention'], {
    objectLockMode: 'COMPLIANCE',
    objectLockUntil: '1970-01-01T00:00:00.000Z',
  }),
  s3('GetObject', {}, ['GetObject']),
  s3('GetObject', { VersionId: 'v' }, ['GetObjectVersion']),
  s3('HeadObject', {}, ['GetObject']),
  s3('DeleteObject', {}, ['DeleteObject']),
  s3('DeleteObject', { VersionId: 'v' }, ['DeleteObjectVersion']),
  s3('DeleteObject', { VersionId: 'v', BypassGovernanceRetention: true }, [
    ...['DeleteObjectVersion', 'BypassGovernanceRetention'],
  ]),
  s3('GetObjectRetention', {}, ['GetObjectRetention']),
  ...[
    ['ListObjectsV2', 'ListBucket'],
    ['ListObjectVersions', 'ListBucketVersions'],
  ].map(([operation = '', name = '']): Call => [
    ...(['s3', operation, { Bucket: 'evidence', Prefix: 'a/' }] as const),
    [{ action: `s3:${name}`, resource: 'arn:aws:s3:::evidence', facts: { s3Prefix: 'a/' } }],
  ]),
];
