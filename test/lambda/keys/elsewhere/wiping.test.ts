import { PassThrough } from 'node:stream';
import { afterAll, beforeAll, beforeEach, describe, expect, jest, test } from '@jest/globals';
import type * as Bytes from '../../../../lambda/contract/bytes';
import type { createOtherKey as CreateOtherKey } from '../../../../lambda/keys/elsewhere/other-key';
import type { OtherKey } from '../../../../lambda/keys/provider';
import type { WrappedDataKey } from '../../../../lambda/message';
import type { StandInResponse } from '../../../../local/emulator/elsewhere/stand-in';
import { withoutPauses } from '../../../support/without-pauses';
import { refusedToken, withDataKey } from './faults';
import { DESCRIPTIONS, NAMES, World, isLogin } from './support/world';

withoutPauses();

/** every memory of a key that the runtime asked for, responses among them */
const memories: Buffer[] = [];
jest.doMock('../../../../lambda/contract/bytes', () => {
  const actual = jest.requireActual<typeof Bytes>('../../../../lambda/contract/bytes');
  const keyMemory = (length: number): Buffer => {
    const memory = actual.keyMemory(length);
    memories.push(memory);
    return memory;
  };
  return { ...actual, keyMemory };
});

const CONTEXT = new Map([['environment', 'dev']]);
const PARTS = [0, 8, 16];
const ONE = Buffer.from([1]);
const soon = () => AbortSignal.timeout(20_000);

/** Whether bytes have a part of the data key, raw or in base64 at any alignment. */
function shows(memory: Buffer, dataKey: Buffer): boolean {
  const texts = [0, 1, 2].map((skip) => dataKey.subarray(skip, skip + 12).toString('base64'));
  const parts = [
    ...PARTS.map((at) => dataKey.subarray(at, at + 16)),
    ...texts,
    ...texts.map((text) => text.replaceAll('+', '-').replaceAll('/', '_')),
  ];
  return parts.some((part) => memory.includes(part));
}

/** The object with itself as a further member before its own. */
const twice = (json: string): string => `{"again":${json},${json.slice(1)}`;

/** A body that is cut after its last byte. */
function breakingOff(text: string): PassThrough {
  const body = new PassThrough();
  body.write(text, () => setTimeout(() => body.destroy(new Error('cut')), 20));
  return body;
}

let world: World;
let createOtherKey: typeof CreateOtherKey;
beforeAll(async () => {
  ({ createOtherKey } = await import('../../../../lambda/keys/elsewhere/other-key'));
  world = await World.start();
});
afterAll(() => world.close());

describe.each(NAMES)('%s', (name) => {
  let key: OtherKey;
  let wrapped: readonly WrappedDataKey[];
  let dataKey: Buffer;
  beforeEach(async () => {
    await world.reset();
    key = createOtherKey(DESCRIPTIONS[name]);
    const made = await key.wrapNewDataKey(CONTEXT, soon());
    [wrapped, dataKey] = [made.wrapped, Buffer.from(made.plaintext)];
    made.plaintext.fill(0);
    memories.length = 0;
  });

  const exposed = () => memories.filter((memory) => shows(memory, dataKey));

  test('keeps one copy of a data key that it unwrapped: its result', async () => {
    const opened = await key.unwrapDataKey(wrapped, CONTEXT, soon());

    expect(exposed().map((memory) => memory === opened)).toEqual([true]);
    opened.fill(0);
    expect(exposed()).toHaveLength(0);
  });

  test('keeps no copy of a data key that another provider made', async () => {
    const given = Buffer.from(dataKey);

    await key.wrapDataKey(given, CONTEXT, soon());

    expect(exposed()).toHaveLength(0);
    expect(given).toEqual(dataKey);
  });

  test('keeps one copy of a data key that it made: its result', async () => {
    const { plaintext } = await key.wrapNewDataKey(CONTEXT, soon());

    const shown = memories.filter((memory) => shows(memory, plaintext));
    expect(shown.map((memory) => memory === plaintext)).toEqual([true]);
  });

  test('keeps no token in the memory of a response', async () => {
    await createOtherKey(DESCRIPTIONS[name]).wrapNewDataKey(CONTEXT, soon());

    const headers = world.requests.map(
      ({ headers: { authorization, 'x-vault-token': token } }) => authorization ?? token,
    );
    const tokens = headers
      .flatMap((header) => [header].flat())
      .flatMap((header) => header?.replace('Bearer ', '') ?? []);
    expect(tokens.length).toBeGreaterThan(1);
    for (const token of tokens) expect(memories.filter((memory) => memory.includes(token))).toHaveLength(0);
  });

  type Respond = (own: StandInResponse, attempt: number, opens: boolean) => StandInResponse | undefined;
  const foreign = ({ body, ...own }: StandInResponse): StandInResponse => ({
    ...own,
    // another key's name, checksums and version: the data key is there, and must not be taken
    body: JSON.stringify(body)
      .replace(/"kid":"[^"]*"/, '"kid":"x"')
      .replaceAll(/Crc32c":"\d+"/g, 'Crc32c":"1"')
      .replace('vault:v1', 'bank:v1'),
  });
  test.each<[string, Respond]>([
    ['that fail', () => ({ status: 500 })],
    ['that fail once', (own, attempt) => (attempt === 1 ? { status: 503 } : own)],
    ['that refuse the token once', (own, attempt) => (attempt === 1 ? { status: refusedToken(name) } : own)],
    [
      'that refuse the request',
      () => ({ status: 400, body: { error: { status: 'INVALID_ARGUMENT' }, errors: ['invalid ciphertext'] } }),
    ],
    ['that are cut', () => undefined],
    ['that redirect', () => ({ status: 307, headers: { location: 'https://vault.example.com:8200/' } })],
    ['with the data key and wrong facts beside it', foreign],
    ['with the data key beside a status that is no success', (own) => ({ ...own, status: 202 })],
    ['with the data key that break off', (own) => ({ ...own, body: breakingOff(JSON.stringify(own.body)) })],
    [
      'with the data key and a byte more',
      ({ body, ...own }, _attempt, opens) => {
        const longer = withDataKey({ ...(body as object) }, Buffer.concat([dataKey, ONE]));
        return { ...own, body: opens ? longer : (body ?? '') };
      },
    ],
    [
      'with the data key in broken base64',
      ({ body, ...own }, _attempt, opens) => {
        const broken = JSON.stringify(body).replace(/("(?:plaintext|value)":"[^"]*)[^"]"/, '$1!"');
        return { ...own, body: opens ? broken : (body ?? '') };
      },
    ],
    ['with the data key that fail', (own) => ({ ...own, status: 500 })],
    ['with the data key that refuse the token', (own) => ({ ...own, status: refusedToken(name) })],
    ['with the data key that redirect', (own) => ({ ...own, status: 307 })],
    ['that have the data key twice', ({ body, ...own }) => ({ ...own, body: twice(JSON.stringify(body)) })],
    ['with the data key that are too long', (own) => ({ ...own, body: JSON.stringify(own.body).padEnd(100_000) })],
  ])('keeps no copy of a data key after responses %s', async (_what, respond) => {
    let attempt = 0;
    world.intercept = async (request, own) => {
      const response = await own();
      if (isLogin(request) || response === undefined) return response;
      attempt += 1;
      return respond(response, attempt, /decrypt|unwrapkey/.test(request.url.pathname));
    };
    const given = Buffer.from(dataKey);
    const results: Buffer[] = [];

    await key.wrapDataKey(given, CONTEXT, soon()).catch(() => undefined);
    attempt = 0;
    await key.unwrapDataKey(wrapped, CONTEXT, soon()).then(
      (opened) => results.push(opened),
      () => undefined,
    );
    attempt = 0;
    const made = await key.wrapNewDataKey(CONTEXT, soon()).catch(() => undefined);

    made?.plaintext.fill(0);
    for (const result of results) result.fill(0);
    expect(exposed()).toHaveLength(0);
    // a data key that was made in vain is in none either; a wrapped one of a managed HSM has as many bytes
    const ofItsLength = memories.filter((memory) => memory.length === 32 && !memory.equals(Buffer.alloc(32)));
    expect(made === undefined ? ofItsLength : []).toHaveLength(0);
    expect(memories.length).toBeGreaterThan(3);
    expect(given).toEqual(dataKey);
  });
});
