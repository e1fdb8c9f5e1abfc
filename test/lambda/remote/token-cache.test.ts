import { describe, expect, jest, test } from '@jest/globals';
import { VaultError } from '../../../lambda/contract/errors';
import { TokenCache, sendWithToken } from '../../../lambda/remote/token-cache';

const { signal } = new AbortController();

/** A cache whose logins are numbered. */
function numbered(lifetimeMs: number) {
  let logins = 0;
  const cache = new TokenCache(async () => {
    logins += 1;
    return { value: `token-${logins}`, expiresAt: Date.now() + lifetimeMs };
  });
  return { cache, logins: () => logins };
}

const response = (status: number) => ({ status, headers: {}, body: Buffer.alloc(0) });

describe('a cached token', () => {
  test('is used again until shortly before its end', async () => {
    const { cache, logins } = numbered(300_000);

    expect([await cache.get(signal), await cache.get(signal)]).toEqual(['token-1', 'token-1']);
    expect(logins()).toBe(1);
  });

  test('is not used once it has ended', async () => {
    const { cache } = numbered(-1);

    expect([await cache.get(signal), await cache.get(signal)]).toEqual(['token-1', 'token-2']);
  });

  test('is shared by calls at the same time', async () => {
    const { cache } = numbered(300_000);

    expect(await Promise.all([cache.get(signal), cache.get(signal)])).toEqual(['token-1', 'token-1']);
  });

  test('is asked for again by a call whose time is not up, after the login of another call was', async () => {
    let calls = 0;
    const cache = new TokenCache(async () => {
      calls += 1;
      if (calls === 1) throw new VaultError('KeyTimeout', 'expected a token in time, got none');
      return { value: 'second', expiresAt: Date.now() + 300_000 };
    });

    const [first, second] = await Promise.allSettled([cache.get(AbortSignal.abort()), cache.get(signal)]);

    expect([first.status, second]).toEqual(['rejected', { status: 'fulfilled', value: 'second' }]);
  });

  test.each([
    [300, 239, 1],
    [300, 241, 2],
    [40, 29, 1],
    [40, 31, 2],
  ])('of %i seconds is asked for %i seconds later with %i logins in all', async (lifetime, later, expected) => {
    jest.useFakeTimers({ now: 0 });
    try {
      const { cache, logins } = numbered(lifetime * 1_000);
      await cache.get(signal);
      jest.setSystemTime(later * 1_000);
      await cache.get(signal);

      expect(logins()).toBe(expected);
    } finally {
      jest.useRealTimers();
    }
  });

  test.each(['KeyTimeout', 'KeyUnavailable'] as const)(
    'is asked for once by calls whose time is up when the shared login ends with %s',
    async (code) => {
      let logins = 0;
      const cache = new TokenCache(async () => {
        logins += 1;
        throw new VaultError(code, 'expected a token, got none');
      });
      const over = code === 'KeyTimeout' ? AbortSignal.abort() : signal;

      const ended = await Promise.allSettled([cache.get(over), cache.get(over)]);

      expect(ended.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
      expect(logins).toBe(1);
    },
  );

  test('that a service refuses is renewed once', async () => {
    const { cache } = numbered(300_000);
    const sent: string[] = [];
    const send = async (token: string) => {
      sent.push(token);
      return response(401);
    };

    const last = await sendWithToken(cache, signal, send, ({ status }) => status === 401);

    expect(last.status).toBe(401);
    expect(sent).toEqual(['token-1', 'token-2']);
  });

  test('stays if a service refuses an older one', async () => {
    const { cache } = numbered(300_000);
    await cache.get(signal);

    cache.drop('older');

    expect(await cache.get(signal)).toBe('token-1');
  });
});
