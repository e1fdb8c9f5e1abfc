import crypto, { createHmac } from 'node:crypto';
import { describe, expect, jest, test } from '@jest/globals';
import { deadlineIn } from '../../../lambda/invocation/deadline';
import { requireSignature } from '../../../lambda/webhook/signature';
import { SigningSecret } from '../../../lambda/webhook/signing-secret';

const BODY = Buffer.from('what do ya want for nothing?');
/** RFC 4231, test case 2 */
const VECTOR = 'sha256=5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843';

/** Returns secrets for successive reads (the last one for all later reads), and a clock that advances a minute per read. */
function secretOf(...values: readonly (readonly [current: string, previous?: string])[]) {
  const asked = { reads: 0 };
  let now = Date.UTC(2026, 10, 20);
  const read = async () => {
    const [current = '', previous] = values[Math.min(asked.reads, values.length - 1)] ?? [];
    asked.reads += 1;
    const before = previous === undefined ? undefined : Buffer.from(previous);
    return { current: Buffer.from(current), createdAt: new Date(now), previous: before };
  };
  return { asked, secret: new SigningSecret(read, () => (now += 60_000)) };
}

const verify = (secret: SigningSecret, signature: string | undefined = VECTOR, body = BODY) =>
  requireSignature({ body, signature }, secret, deadlineIn(10_000));
const sign = (secret: string) => `sha256=${createHmac('sha256', secret).update(BODY).digest('hex')}`;

describe('a signature', () => {
  test('of RFC 4231 passes', async () => {
    await expect(verify(secretOf(['Jefe']).secret)).resolves.toBeUndefined();
  });

  test('under the former secret passes beside the current one', async () => {
    const { secret, asked } = secretOf(['new', 'Jefe']);

    await verify(secret, sign('new'));
    await verify(secret);

    expect(asked.reads).toBe(1);
  });

  test('is compared in constant time, under each secret though the first one fits', async () => {
    const compare = jest.spyOn(crypto, 'timingSafeEqual');

    await verify(secretOf(['Jefe', 'old']).secret);

    expect(compare.mock.results.map(({ value }) => value)).toEqual([true, false]);
  });

  test('under a secret that was replaced since passes, after that is read once more', async () => {
    const { secret, asked } = secretOf(['old'], ['Jefe', 'old']);

    await verify(secret);

    expect(asked.reads).toBe(2);
  });

  test('under a secret of UTF-8 passes', async () => {
    await expect(verify(secretOf(['schlüssel €']).secret, sign('schlüssel €'))).resolves.toBeUndefined();
  });

  test('that fits no secret is refused after one more read', async () => {
    const { secret, asked } = secretOf(['one'], ['two'], ['Jefe']);

    await expect(verify(secret)).rejects.toThrowWithCode('SignatureMismatch');
    expect(asked.reads).toBe(2);
  });

  test('of another body is refused', async () => {
    const body = Buffer.concat([BODY, Buffer.from(' ')]);

    await expect(verify(secretOf(['Jefe']).secret, VECTOR, body)).rejects.toThrowWithCode('SignatureMismatch');
  });

  test.each([undefined, '', 'sha256=', VECTOR.toUpperCase(), VECTOR.slice(7), `${VECTOR}00`])(
    'that is malformed (%j) is refused without reading the secret',
    async (signature) => {
      const { secret, asked } = secretOf(['Jefe']);

      const verified = requireSignature({ body: BODY, signature }, secret, deadlineIn(10_000));

      await expect(verified).rejects.toThrowWithCode('SignatureMismatch');
      expect(asked.reads).toBe(0);
    },
  );
});
