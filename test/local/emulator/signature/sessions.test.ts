import { describe, expect, test } from '@jest/globals';
import { Sessions } from '../../../../local/emulator/signature';
import { PRINCIPAL, FixedClock } from './support';

describe('a session', () => {
  test('is random, is found by its key, and has its principal', () => {
    const sessions = new Sessions();

    const [first, second] = [60, 60].map((seconds) => sessions.issue(PRINCIPAL, { seconds }));

    expect(first?.accessKeyId).toMatch(/^ASIA[A-Z2-7]{16}$/);
    expect(first?.secretAccessKey).toMatch(/^[A-Za-z0-9+/]{40}$/);
    expect(first?.principal).toBe(PRINCIPAL);
    expect(sessions.find(first?.accessKeyId ?? '')).toBe(first);
    expect(new Set([first, second].flatMap((each) => [each?.accessKeyId, each?.secretAccessKey, each?.sessionToken])).size).toBe(6); // prettier-ignore
    expect(sessions.find('ASIAAAAAAAAAAAAAAAAA')).toBeUndefined();
  });

  test('ends by the clock, and is known to have ended for an hour more', () => {
    const clock = new FixedClock();
    const sessions = new Sessions(clock.now);
    const { accessKeyId, issuedAt, expiresAt } = sessions.issue(PRINCIPAL, { seconds: 900 });

    expect([issuedAt, expiresAt]).toEqual([clock.at, clock.at + 900_000]);
    clock.at += 900_000 + 3_600_000;
    sessions.issue(PRINCIPAL, { seconds: 1 });
    expect(sessions.find(accessKeyId)).toMatchObject({ expiresAt });
    clock.at += 1;
    sessions.issue(PRINCIPAL, { seconds: 1 });
    expect(sessions.find(accessKeyId)).toBeUndefined();
  });

  test.each([0, -1, 1.5, 43_201, Number.NaN])('of %p seconds is refused', (seconds) => {
    expect(() => new Sessions().issue(PRINCIPAL, { seconds })).toThrowWithCode('RangeError');
  });
});
