import { afterAll, beforeAll, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { inspect } from 'node:util';
import { VaultError } from '../../../../lambda/contract/errors';
import { deadlineIn } from '../../../../lambda/invocation/deadline';
import { createOtherKey } from '../../../../lambda/keys/elsewhere/other-key';
import type { OtherKey } from '../../../../lambda/keys/provider';
import type { WrappedDataKey } from '../../../../lambda/message';
import { withoutPauses } from '../../../support/without-pauses';
import { FAULTS, LOGIN_FAULTS, OWN_FAULTS, STALLS, type Fault, refusedToken, sent } from './faults';
import { DESCRIPTIONS, GOOGLE_KEY, HSM, KEY_VAULT, NAMES, World, isLogin } from './support/world';

const CONTEXT = new Map([['environment', 'dev']]);
const MIB = 1_048_576;

withoutPauses();

let world: World;
beforeAll(async () => {
  world = await World.start();
});
afterAll(() => world.close());

/** everything that this process wrote */
const written = jest.spyOn(process.stdout, 'write');
const writtenToError = jest.spyOn(process.stderr, 'write');

describe.each(NAMES)('%s', (name) => {
  let key: OtherKey;
  let dataKey: Buffer;
  let wrapped: readonly WrappedDataKey[];
  const soon = (ms = 20_000) => deadlineIn(ms).signal;
  const wrap = (ms?: number, by = key): Promise<unknown> => by.wrapNewDataKey(CONTEXT, soon(ms));
  const unwrap = (ms?: number, by = key): Promise<Buffer> => by.unwrapDataKey(wrapped, CONTEXT, soon(ms));
  const OPERATIONS = { wrap, unwrap } as const;

  beforeEach(async () => {
    await world.reset();
    key = createOtherKey(DESCRIPTIONS[name]);
    ({ plaintext: dataKey, wrapped } = await key.wrapNewDataKey(CONTEXT, soon()));
    world.requests = [];
    written.mockClear();
    writtenToError.mockClear();
  });

  /** Replaces the responses to operations, or to logins. */
  const replace = (respond: Fault['respond'], where: 'operations' | 'logins' = 'operations'): void => {
    world.intercept = async (request, own) => {
      const response = await own();
      return isLogin(request) === (where === 'logins') && response !== undefined ? respond(response) : response;
    };
  };
  const operations = () => world.requests.filter((request) => !isLogin(request));
  const logins = () => world.requests.filter(isLogin);

  /** Expects a code in an error that names no secret, and nothing secret in any output. */
  async function expectCode(asked: Promise<unknown>, code: string): Promise<void> {
    const error: unknown = await asked.catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(VaultError);
    expect(error).toMatchObject({ name: code, message: expect.not.stringMatching(/[A-Za-z0-9+/_-]{60}/) });
    const outputs = [
      inspect(error, { depth: 9, showHidden: true }),
      ...written.mock.calls.flat().map(String),
      ...writtenToError.mock.calls.flat().map(String),
    ].join('');
    const headers = world.requests.flatMap(({ headers: { authorization, 'x-vault-token': token } }) => [
      authorization,
      token,
    ]);
    const secrets = [
      dataKey.toString('base64'),
      dataKey.toString('hex'),
      ...headers.flat().map((text) => text?.replace('Bearer ', '')),
    ];
    for (const secret of secrets) if (secret !== undefined) expect(outputs.includes(secret)).toBe(false);
  }

  test('opens what it wrapped', async () => {
    expect(await unwrap()).toEqual(dataKey);
  });

  test.each(FAULTS)(
    'wraps and unwraps nothing by a response that $what',
    async ({ respond, code, status, attempts = 1 }) => {
      for (const operation of [wrap, unwrap]) {
        world.requests = [];
        replace(respond);

        await expectCode(operation(), code);

        // a refused token is renewed once
        expect(operations()).toHaveLength(status === refusedToken(name) ? 2 : attempts);
        expect(world.requests.filter(({ url }) => url.pathname === '/taken')).toEqual([]);
      }
    },
  );

  test.each(FAULTS)('is not logged in by a response that $what', async ({ respond, code, attempts = 1 }) => {
    replace(respond, 'logins');

    await expectCode(wrap(undefined, createOtherKey(DESCRIPTIONS[name])), code);

    expect(operations()).toEqual([]);
    expect(logins()).toHaveLength(attempts);
  });

  test('reads no more than a part of a response of 100 MiB', async () => {
    const endless = FAULTS.find(({ what }) => what.includes('100 MiB'));
    replace(endless?.respond ?? (() => ({ status: 500 })));

    await expectCode(unwrap(), 'KeyUnreachable');

    expect(sent.bytes).toBeLessThan(16 * MIB);
  });

  test.each(STALLS)('ends when its time is up while a response $what', async ({ respond }) => {
    replace(respond);
    await Promise.all([wrap(300), unwrap(300)].map((asked) => expectCode(asked, 'KeyTimeout')));

    replace(respond, 'logins');
    await expectCode(wrap(300, createOtherKey(DESCRIPTIONS[name])), 'KeyTimeout');
  });

  test.each(STALLS)('heals after one response that $what', async ({ respond }) => {
    let left = 1;
    world.intercept = async (request, own) => {
      const response = await own();
      left -= isLogin(request) || left === 0 ? 0 : 1;
      return isLogin(request) || response === undefined || world.requests.length > 1 ? response : respond(response);
    };

    expect(await unwrap(3_000)).toEqual(dataKey);
  });

  const ownFaults = OWN_FAULTS.filter(({ of }) => of.includes(DESCRIPTIONS[name].type));
  if (ownFaults.length > 0)
    test.each(ownFaults)('ends a $on by a response that $what', async ({ respond, on, code }) => {
      replace(respond);

      await expectCode(OPERATIONS[on](), code);
    });

  const loginFaults = LOGIN_FAULTS.filter(({ of }) => of.includes(DESCRIPTIONS[name].type));
  test.each(loginFaults)('is not logged in by a response that $what', async ({ respond, code }) => {
    replace(respond, 'logins');

    await expectCode(wrap(undefined, createOtherKey(DESCRIPTIONS[name])), code);

    expect(operations()).toEqual([]);
  });

  test('logs in once more if its token is refused once, with all that it sent', async () => {
    let left = 1;
    world.intercept = async (request, own) => {
      if (isLogin(request) || left === 0) return own();
      left -= 1;
      return { status: refusedToken(name), body: '' };
    };

    expect(await unwrap()).toEqual(dataKey);

    expect([operations().length, logins().length]).toEqual([2, 1]);
  });

  test('is unavailable if its token is refused twice, without a third request', async () => {
    replace(() => ({ status: refusedToken(name) }));

    await expectCode(wrap(), 'KeyUnavailable');

    expect([operations().length, logins().length]).toEqual([2, 1]);
  });

  test('heals from a token that ends in mid-call', async () => {
    world.endTokens();

    expect(await unwrap()).toEqual(dataKey);
    expect([operations().length, logins().length]).toEqual([2, 1]);
  });

  if (name.startsWith('azure')) {
    test.each(['', '/', '0'.repeat(31), 'G'.repeat(32), '../secrets/x', `${'0'.repeat(32)}/x`, `${'0'.repeat(32)}?x`])(
      'sends no request to a path that a wrapped data key names as its version, %j',
      async (version) => {
        const { key: id } = DESCRIPTIONS[name];
        const providerInfo = Buffer.from(`${id.slice(0, -32)}${version}`);

        await expectCode(
          key.unwrapDataKey(
            wrapped.map((each) => ({ ...each, providerInfo })),
            CONTEXT,
            soon(),
          ),
          'KeyUnavailable',
        );

        expect(world.requests).toEqual([]);
      },
    );
  }

  test.each([0, 6_145])('sends no wrapped data key of %i bytes', async (length) => {
    const [own] = wrapped;
    const changed = own === undefined ? [] : [{ ...own, ciphertext: Buffer.alloc(length, 1) }];

    await expectCode(key.unwrapDataKey(changed, CONTEXT, soon()), 'ContextMismatch');

    expect(world.requests).toEqual([]);
  });

  test('is unavailable if its key is destroyed', async () => {
    world.destroy(name);

    await expectCode(wrap(), 'KeyUnavailable');
    await expectCode(unwrap(), 'KeyUnavailable');
  });

  if (!name.startsWith('vault')) {
    test('opens nothing if its key is disabled', async () => {
      world.google.keys.setState(GOOGLE_KEY, 'DISABLED');
      for (const host of [KEY_VAULT, HSM]) world.azure.vault(host).keys.setEnabled('share', false);

      await expectCode(unwrap(), 'KeyUnavailable');
    });
  }

  test('logs in with a role whose ARN has over 127 bytes, but not at Google by a token', async () => {
    const role = `${'p'.repeat(100)}/Seal`;
    world.grant(role);
    world.actAs(role);
    const asked = createOtherKey(DESCRIPTIONS[name]).wrapNewDataKey(CONTEXT, soon());

    if (name === 'google by a token') await expectCode(asked, 'KeyUnavailable');
    else expect((await asked).wrapped).toHaveLength(1);
  });
});

describe('a mistyped name of a key', () => {
  beforeEach(() => world.reset());

  test.each(NAMES)('is unavailable with %s, and makes no key', async (name) => {
    const { key } = DESCRIPTIONS[name];
    const mistyped = createOtherKey({
      ...DESCRIPTIONS[name],
      key: key.replace(/\bshare\b/, 'shrae'),
    });

    const asked = mistyped.wrapNewDataKey(CONTEXT, AbortSignal.timeout(10_000));

    await expect(asked).rejects.toThrowWithCode('KeyUnavailable');
    expect(world.transit.has('shrae')).toBe(false);
  });

  test.each(['google by a token', 'google by a signature'] as const)(
    'is unavailable with %s for a key of another region',
    async (name) => {
      const key = createOtherKey({ ...DESCRIPTIONS[name], key: GOOGLE_KEY.replace('west3', 'west4') });

      await expect(key.wrapNewDataKey(CONTEXT, AbortSignal.timeout(10_000))).rejects.toThrowWithCode('KeyUnavailable');
    },
  );
});

describe("while the account's switch for tokens is off", () => {
  let switchedOff: World;
  beforeAll(async () => {
    switchedOff = await World.start(undefined, 'off');
  });
  afterAll(() => switchedOff.close());

  test.each(['azure key vault', 'azure managed hsm', 'google by a token', 'vault by jwt'] as const)(
    'a key of %s is unavailable, and the message says so',
    async (name) => {
      const asked = createOtherKey(DESCRIPTIONS[name]).wrapNewDataKey(CONTEXT, AbortSignal.timeout(10_000));

      await expect(asked).rejects.toMatchObject({
        name: 'KeyUnavailable',
        message: expect.stringMatching(/got it switched off$/),
      });
      expect(switchedOff.requests).toEqual([]);
    },
  );
});
