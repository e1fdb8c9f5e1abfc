import { constants, createHmac, publicEncrypt, randomBytes, randomUUID } from 'node:crypto';
import { afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { createdBody, pingBody, sealMaterials, signBody } from '../../client/delivery';
import { countSecrets } from '../support/scan';
import { type TestKey, gatewayEvent } from './webhook/receiver';
import {
  SECRET,
  newMaterials,
  out,
  receiver,
  send,
  startReceive,
  store,
  used,
  useReceiver,
} from './webhook/use-receiver';
import { RUNS } from './transport/support/runs';

/** A text in every hostile delivery. No log line may contain it. */
const MARK = `hunter2-${randomUUID()}`;
let key: TestKey;
let foreign: TestKey;

useReceiver();
beforeAll(async () => {
  [key, foreign] = await Promise.all([receiver.createWebhookKey(), receiver.createWebhookKey()]);
  await startReceive({ one: key.arn });
});
/** Expects that nothing of a delivery was stored or logged, and that the next delivery gets a response. */
afterEach(async () => {
  const response = await post(pingBody('https://vault.example.com'));
  expect(response).toEqual({ status: 200, code: 'Pong' });
  expect([store.created, store.revoked]).toEqual([[], []]);
  expect(out.filter((line) => line.includes(MARK))).toEqual([]);
  expect(countSecrets(Buffer.from(out.join('')), used)).toBe(0);
});

const post = (body: Buffer, signature = signBody(body, SECRET)) =>
  send(gatewayEvent(body, { 'x-dynamic-signature-256': signature }));

type Json = Record<string, unknown>;

/** Returns a delivery that the vault would seal. */
function created(): Json & { data: Json } {
  const wallet = { walletId: MARK, chain: 'EVM', userId: MARK, publicKey: MARK };
  const sealed = sealMaterials(newMaterials(), key);
  return JSON.parse(createdBody(wallet, sealed, { eventId: MARK }).toString()) as Json & { data: Json };
}

const jsonOf = (value: unknown) => Buffer.from(JSON.stringify(value));
const digest = (body: Buffer, algorithm = 'sha256', secret = SECRET) =>
  createHmac(algorithm, secret).update(body).digest('hex');

describe('a signature', () => {
  const body = Buffer.from(JSON.stringify({ eventName: 'ping', note: MARK }));
  const right = digest(body);

  test.each([
    ['that is empty', ''],
    ['without its algorithm', right],
    ['that is short', `sha256=${right.slice(0, -1)}`],
    ['that is a byte short', `sha256=${right.slice(0, -2)}`],
    ['that is long', `sha256=${right}0`],
    ['in upper case', `sha256=${right.toUpperCase()}`],
    ['whose algorithm is in upper case', `SHA256=${right}`],
    ['of another algorithm', `sha512=${digest(body, 'sha512')}`],
    ['that another algorithm made', `sha256=${digest(body, 'sha512').slice(0, 64)}`],
    ['with white space before it', ` sha256=${right}`],
    ['with a line end behind it', `sha256=${right}\n`],
    ['given twice', `sha256=${right},sha256=${right}`],
    ['in base64', `sha256=${Buffer.from(right, 'hex').toString('base64')}`],
    ['under another secret', `sha256=${digest(body, 'sha256', 'another')}`],
    ['under no secret', `sha256=${digest(body, 'sha256', '')}`],
    ['of no bytes', `sha256=${digest(Buffer.alloc(0))}`],
    ['whose last digit differs', `sha256=${right.slice(0, -1)}${right.endsWith('0') ? '1' : '0'}`],
  ])('%s is refused', async (_what, signature) => {
    expect(await post(body, signature)).toEqual({ status: 401, code: 'SignatureMismatch' });
  });

  test('that is missing is refused', async () => {
    expect(await send(gatewayEvent(body, {}))).toEqual({ status: 401, code: 'SignatureMismatch' });
  });

  test('of the same JSON in another spelling is refused', async () => {
    const pretty = Buffer.from(JSON.stringify(JSON.parse(body.toString()), undefined, 2));

    expect(await post(pretty, `sha256=${right}`)).toEqual({ status: 401, code: 'SignatureMismatch' });
  });

  test('is checked before the body is looked at', async () => {
    expect(await post(Buffer.from('{'), `sha256=${right}`)).toEqual({ status: 401, code: 'SignatureMismatch' });
  });
});

describe('a body of a valid signature', () => {
  const nested = (depth: number) => `{"eventName":"x","data":${'['.repeat(depth)}"${MARK}"${']'.repeat(depth)}}`;
  const twice = (text: string) => () => Buffer.from(text);

  test.each<[string, () => Buffer]>([
    ['that is empty', () => Buffer.alloc(0)],
    ['that is no UTF-8', () => Buffer.concat([Buffer.from('{"eventName":"ping","a":"'), Buffer.from([0xc3, 0x28]), Buffer.from('"}')])], // prettier-ignore
    ['that begins with a byte order mark', () => Buffer.from('\ufeff{"eventName":"ping"}')],
    ['that is no JSON', () => Buffer.from(`{"eventName":"ping",${MARK}`)],
    ['that is JSON and more', () => Buffer.from('{"eventName":"ping"}{}')],
    ['that nests 1,000 deep', () => Buffer.from(nested(1_000))],
    ['that nests 30,000 deep', () => Buffer.from(nested(30_000))],
    ['with a key twice', twice(`{"eventName":"ping","a":"${MARK}","eventName":"ping"}`)],
    ['with a key twice further in', twice(`{"eventName":"ping","data":[{"b":{"c":1,"c":"${MARK}"}}]}`)],
    ['with a key twice, once escaped', twice('{"eventName":"ping","\\u0065ventName":"ping"}')],
    ['with __proto__', () => Buffer.from(`{"eventName":"ping","__proto__":{"a":"${MARK}"}}`)],
    ['with __proto__ further in', () => Buffer.from('{"eventName":"ping","data":{"__proto__":{"walletId":"x"}}}')],
    ['that is a list', () => Buffer.from('[{"eventName":"ping"}]')],
    ['that is null', () => Buffer.from('null')],
    ['that is a text', () => Buffer.from(`"${MARK}"`)],
    ['without an event name', () => jsonOf({ ...created(), eventName: undefined })],
    ['with a number as its event name', () => jsonOf({ ...created(), eventName: 7 })],
    ['with a list as its event name', () => jsonOf({ ...created(), eventName: ['ping'] })],
  ])('%s is refused', async (_what, make) => {
    expect(await post(make())).toEqual({ status: 400, code: 'InvalidRequest' });
  });

  test.each([
    ['in base64', (body: Buffer) => body],
    ['as text', (body: Buffer) => body.toString()],
  ])('of 64 KiB and a byte, %s, is refused whatever its signature', async (_how, asSent) => {
    const body = jsonOf({ eventName: 'ping', pad: '' });
    const pad = 'ä'.repeat((65_536 - body.length) / 2);
    const full = jsonOf({ eventName: 'ping', pad: pad.padEnd(pad.length + ((65_536 - body.length) % 2), 'x') });
    const over = Buffer.concat([full, Buffer.from(' ')]);
    const sign = (bytes: Buffer) => ({ 'x-dynamic-signature-256': signBody(bytes, SECRET) });

    expect(await send(gatewayEvent(asSent(full), sign(full)))).toEqual({ status: 200, code: 'Pong' });
    expect(await send(gatewayEvent(asSent(over), sign(over)))).toEqual({ status: 413, code: 'PayloadTooLarge' });
    expect(await send(gatewayEvent(asSent(over), {}))).toEqual({ status: 413, code: 'PayloadTooLarge' });
  });
});

describe('a created', () => {
  const missing = ['eventId', 'timestamp', 'data'];
  const missingData = ['walletId', 'chain', 'userId', 'publicKey', 'encryptedDelegatedShare', 'encryptedWalletApiKey'];
  const without = (value: Json, name: string) => Object.fromEntries(Object.entries(value).filter(([key]) => key !== name)); // prettier-ignore

  test.each(missing)('without %s is refused', async (name) => {
    expect(await post(jsonOf(without(created(), name)))).toEqual({ status: 400, code: 'InvalidRequest' });
  });

  test.each(missingData)('without its %s is refused', async (name) => {
    const { data, ...rest } = created();

    expect(await post(jsonOf({ ...rest, data: without(data, name) }))).toEqual({ status: 400, code: 'InvalidRequest' });
  });

  test.each([...missing, 'messageId', ...missingData])('with a number for %s is refused', async (name) => {
    const { data, ...rest } = created();
    const spoilt = name in data ? { ...rest, data: { ...data, [name]: 7 } } : { ...rest, data, [name]: 7 };

    expect(await post(jsonOf(spoilt))).toEqual({ status: 400, code: 'InvalidRequest' });
  });

  test.each<[string, Json]>([
    ['a wallet of 256 characters', { walletId: 'w'.repeat(256) }],
    ['an empty wallet', { walletId: '' }],
    ['a control character in a wallet', { walletId: `${MARK}\u0000` }],
    ['a bidirectional override in a user', { userId: `${MARK}\u202e` }],
    ['half a surrogate pair in a public key', { publicKey: '\ud83d' }],
    ['a chain of 11 characters', { chain: 'ABCDEFGHIJK' }],
    ['a zero-width space in its chain', { chain: 'EVM\u200b' }],
    ['a zero-width space in its wallet', { walletId: `${MARK}\u200b` }],
    ['a number as share set', { shareSetId: 7 }],
    ['a list as an envelope', { encryptedWalletApiKey: null }],
  ])('with %s is refused', async (_what, change) => {
    const { data, ...rest } = created();

    expect(await post(jsonOf({ ...rest, data: { ...data, ...change } }))).toEqual({ status: 400, code: 'InvalidRequest' }); // prettier-ignore
  });

  test.each([MARK, '2026-11-20T10:00:00', '2026-02-30T10:00:00Z', '2026-11-20T24:00:00Z', '1969-12-31T23:59:59Z'])(
    'at the time %j is refused',
    async (timestamp) => {
      expect(await post(jsonOf({ ...created(), timestamp }))).toEqual({ status: 400, code: 'InvalidRequest' });
    },
  );

  test('6 minutes ahead is refused', async () => {
    const timestamp = new Date(Date.now() + 360_000).toISOString();

    expect(await post(jsonOf({ ...created(), timestamp }))).toEqual({ status: 400, code: 'InvalidRequest' });
    expect(receiver.kms.calls).toEqual([]);
  });
});

describe('an envelope', () => {
  const FIELD = 'encryptedDelegatedShare';
  const withEnvelope = (change: (envelope: Record<string, string>) => Json) => {
    const { data, ...rest } = created();
    return jsonOf({ ...rest, data: { ...data, [FIELD]: change(data[FIELD] as Record<string, string>) } });
  };
  const flipped = (name: string) => (envelope: Record<string, string>) => {
    const bytes = Buffer.from(envelope[name] ?? '', 'base64url');
    bytes.writeUInt8(bytes.readUInt8(0) ^ 1, 0);
    return { ...envelope, [name]: bytes.toString('base64url') };
  };
  /** Encrypts the content key in `ek` to any key. */
  const wrapped =
    (contentKey: Buffer, to = () => key.publicKey) =>
    (envelope: Record<string, string>) => {
      const oaep = { padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha256' };
      return { ...envelope, ek: publicEncrypt({ key: to(), ...oaep }, contentKey).toString('base64url') };
    };

  test.each<[string, (envelope: Record<string, string>) => Json]>([
    ['of a changed ct', flipped('ct')],
    ['of a changed tag', flipped('tag')],
    ['of a changed iv', flipped('iv')],
    ['of a changed ek', flipped('ek')],
    ['whose ek opens to 16 bytes', wrapped(randomBytes(16))],
    ['whose ek opens to 33 bytes', wrapped(randomBytes(33))],
    ['whose ek opens to none', wrapped(Buffer.alloc(0))],
    ["to another customer's key", (envelope) => wrapped(randomBytes(32), () => foreign.publicKey)(envelope)],
    ['of a short tag', (envelope) => ({ ...envelope, tag: 'AAAAAA' })],
    ['of another algorithm', (envelope) => ({ ...envelope, alg: MARK })],
    ['without alg', ({ iv, ct, tag, ek }) => ({ iv, ct, tag, ek })],
    ['with padding too many', (envelope) => ({ ...envelope, iv: `${String(envelope.iv)}===` })],
    ['of numbers', (envelope) => ({ ...envelope, ct: 7 })],
    ['of an empty ct', (envelope) => ({ ...envelope, ct: '' })],
  ])('%s is rejected', async (_what, change) => {
    expect(await post(withEnvelope(change))).toEqual({ status: 400, code: 'TransportRejected' });
  });

  test('that no key opens any more is a duplicate if its delivery was accepted before', async () => {
    const body = withEnvelope(flipped('ek'));
    store.seen.add(MARK);

    expect(await post(body)).toEqual({ status: 200, code: 'Duplicate' });
  });
});

describe('whatever is signed', () => {
  const REFUSALS = ['InvalidRequest', 'TransportRejected'];

  test('as bytes gets 200 or 400', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), async (bytes) => {
        const { code } = await post(Buffer.from(bytes));
        expect([...REFUSALS, 'Ignored', 'Pong']).toContain(code);
      }),
      { numRuns: RUNS },
    );
  });

  test('as JSON gets 200 or 400', async () => {
    const names = fc.constantFrom('ping', 'wallet.delegation.created', 'wallet.delegation.revoked', `${MARK} `);
    const anything = fc.record({ eventName: names, timestamp: fc.json(), data: fc.jsonValue() }, { requiredKeys: [] });
    await fc.assert(
      fc.asyncProperty(anything, async (event) => {
        const { code } = await post(jsonOf(event));
        expect([...REFUSALS, 'Ignored', 'Pong']).toContain(code);
      }),
      { numRuns: RUNS },
    );
  });

  test('of a created, one member changed, is never stored as something that it is not', async () => {
    const members = fc.constantFrom('alg', 'iv', 'ct', 'tag', 'ek', 'kid', MARK);
    await fc.assert(
      fc.asyncProperty(members, fc.jsonValue(), async (name, value) => {
        const { data, ...rest } = created();
        const { encryptedWalletApiKey: envelope } = data;
        const { code } = await post(
          jsonOf({ ...rest, data: { ...data, encryptedWalletApiKey: { ...(envelope as Json), [name]: value } } }),
        );
        // only the members that open it matter, and they are unchanged
        expect([...REFUSALS, ...(['kid', MARK].includes(name) ? ['Sealed'] : [])]).toContain(code);
        store.clear();
      }),
      { numRuns: RUNS / 4 },
    );
  });
});
