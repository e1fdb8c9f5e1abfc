import { describe, expect, test } from '@jest/globals';
import { readRestoreCheckRequest } from '../../../lambda/requests/restore-checks';

const check = (recoveryPointAt: string) => ({
  action: 'check',
  restoreJobId: '11111111-2222-3333-4444-555555555555',
  cluster: { host: 'awsbackup-restore-test-1.cluster-abc.eu-west-1.rds.amazonaws.com', port: 5_433 },
  startedAt: '2026-11-29T12:00:00.000Z',
  completedAt: '2026-11-29T12:20:00.000Z',
  recoveryPointAt,
});

describe('the request to check a restored database', () => {
  test.each([
    ['2026-11-29T05:00:00Z', '2026-11-29T05:00:00.000Z'],
    ['2026-11-29T05:00:00.5Z', '2026-11-29T05:00:00.500Z'],
    ['2026-11-29T05:00:00.087Z', '2026-11-29T05:00:00.087Z'],
    ['2026-11-29T05:00:00.087123456Z', '2026-11-29T05:00:00.087Z'],
  ])('has the time %s of Step Functions as %s', (given, read) => {
    expect(readRestoreCheckRequest(check(given))).toMatchObject({ recoveryPointAt: read });
  });

  test.each(['2026-11-29', '2026-11-29T05:00:00', '2026-11-31T05:00:00Z', '2026-11-29T05:00:00+01:00', 'now'])(
    'is refused with the time %s',
    (given) => {
      expect(() => readRestoreCheckRequest(check(given))).toThrowWithCode('InvalidRequest');
    },
  );
});
