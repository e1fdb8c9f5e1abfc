import { describe, expect, test } from '@jest/globals';
import { isSchedule } from '../../../../../local/emulator/services/events/schedule';

describe('a schedule', () => {
  test.each([
    ...['rate(1 minute)', 'rate(1 hour)', 'rate(1 day)', 'rate(2 minutes)', 'rate(30 days)', 'rate(10 hours)'],
    ...['cron(0 3 * * ? *)', 'cron(0 3 ? * MON-FRI *)', 'cron(0/15 * ? * * *)', 'cron(*/5 0-6 1,15 JAN ? 2026-2030)'],
    ...['cron(0 0 L * ? *)', 'cron(0 0 15W * ? *)', 'cron(0 0 ? * 2#1 *)', 'cron(0 0 ? * 6L *)'],
  ])('%s is accepted', (text) => {
    expect(isSchedule(text)).toBe(true);
  });

  test.each([
    ...['rate(0 days)', 'rate(1 days)', 'rate(2 day)', 'rate(1.5 hours)', 'rate(1 week)', 'Rate(1 day)', '1 day', ''],
    ...['cron(0 3 * * *)', 'cron(0 3 * * * *)', 'cron(0 3 ? * ? *)', 'cron(60 3 * * ? *)', 'cron(0 24 * * ? *)'],
    ...['cron(0 3 0 * ? *)', 'cron(0 3 * 13 ? *)', 'cron(0 3 ? * 8 *)', 'cron(0 3 * * ? 1969)', 'cron(5-1 3 * * ? *)'],
    ...['cron(0 3 ? * FOO *)', 'cron(0,, 3 * * ? *)', 'cron(0 3 * * ? *', 'at(2026-01-01T00:00:00)'],
  ])('%s is refused', (text) => {
    expect(isSchedule(text)).toBe(false);
  });
});
