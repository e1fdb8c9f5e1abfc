import { randomBytes } from 'node:crypto';
import { describe, expect, jest, test } from '@jest/globals';
import { takePlaintext, takeSecretValue } from '../../../lambda/keys/plaintext';

const SECRET = randomBytes(32);
const BASE64 = SECRET.toString('base64');
/** base64 of these has every awkward character: `/`, `+`, `=` */
const AWKWARD = Buffer.from('fb/f+/+/'.repeat(3) + '/w==', 'base64');
const escaped = (how: (character: string) => string) => AWKWARD.toString('base64').replace(/[/+=]/g, how);
const unicode = (character: string) => `\\u00${character.charCodeAt(0).toString(16)}`;

describe('taking the plaintext out of a response', () => {
  test.each<[string, string, Buffer]>([
    ['alone', `{"Plaintext":"${BASE64}"}`, SECRET],
    ['among others', `{"CiphertextBlob":"AAAA","Plaintext":"${BASE64}","KeyId":"arn"}`, SECRET],
    ['with white space', `{ "KeyId" : "arn",\r\n\t"Plaintext" \n:\t "${BASE64}" }`, SECRET],
    ['behind a value of that name', `{"KeySpec":"Plaintext","Plaintext":"${BASE64}"}`, SECRET],
    ['behind a name that ends alike', `{"\\"Plaintext":"x","Plaintext":"${BASE64}"}`, SECRET],
    ['behind a null of that name', `{"a":{"Plaintext":null},"Plaintext":"${BASE64}"}`, SECRET],
    [
      'with escaped slashes',
      `{"Plaintext":"${escaped((character) => (character === '/' ? '\\/' : character))}"}`,
      AWKWARD,
    ],
    ['with escapes by number', `{"Plaintext":"${escaped(unicode)}"}`, AWKWARD],
    ['of one byte', '{"Plaintext":"/w=="}', Buffer.from([255])],
    ['of two bytes', '{"Plaintext":"//8="}', Buffer.from([255, 255])],
    ['of none', '{"Plaintext":""}', Buffer.alloc(0)],
  ])('returns it %s', (_where, json, secret) => {
    const body = Buffer.from(json);
    const kept = JSON.parse(json) as object;

    const taken = takePlaintext(body);

    expect(taken).toEqual(secret);
    expect(JSON.parse(body.toString())).toEqual({ ...kept, Plaintext: '' });
    expect(body).toHaveLength(Buffer.byteLength(json));
  });

  test.each([
    '',
    '{}',
    '{"Plaintext":null}',
    '{"Plaintext":12}',
    '{"plaintext":"AAAA"}',
    '{"KeyId":"Plaintext"}',
    '{"Plaintext"',
  ])('finds none in %j and changes nothing', (json) => {
    const body = Buffer.from(json);

    expect(takePlaintext(body)).toBeUndefined();
    expect(body.toString()).toBe(json);
  });

  test.each([
    ['another alphabet', '-_8='],
    ['a length that is no multiple of four', 'AAAAA'],
    ['padding in between', 'A=AA'],
    ['another escape', '\\nAAA'],
    ['an escape of another character', '\\u0100AAA'],
  ])('refuses %s, and leaves nothing of it', (_what, text) => {
    const body = Buffer.from(`{"Plaintext":"${BASE64}${text}"}`);

    expect(() => takePlaintext(body)).toThrowWithCode('KeyUnreachable');
    expect(JSON.parse(body.toString())).toEqual({ Plaintext: '' });
  });

  test('leaves nothing of a text that does not end', () => {
    const body = Buffer.from(`{"Plaintext":"${BASE64}`);

    takePlaintext(body);

    expect(body.toString().trimEnd()).toBe('{"Plaintext":"');
  });

  test('decodes as Buffer does, over all lengths of a data key and around', () => {
    const secrets = Array.from({ length: 100 }, (_item, length) => randomBytes(length));

    const taken = secrets.map((secret) => takePlaintext(Buffer.from(`{"Plaintext":"${secret.toString('base64')}"}`)));

    expect(taken).toEqual(secrets);
  });
});

describe("taking a secret's value out of a response", () => {
  const PEM = '-----BEGIN SAMPLE-----\nAAAA/+8=\r\n-----END SAMPLE-----\n';

  test.each<[string, string, Buffer]>([
    ['its bytes', `{"ARN":"arn","SecretBinary":"${BASE64}"}`, SECRET],
    ['its text', JSON.stringify({ ARN: 'arn', SecretString: PEM, VersionStages: ['AWSCURRENT'] }), Buffer.from(PEM)],
    ['a text of every escape', '{"SecretString":"\\"\\\\\\/\\b\\f\\n\\r\\t\\u0041"}', Buffer.from('"\\/\b\f\n\r\tA')],
    [
      'a text of JSON',
      JSON.stringify({ SecretString: '{"a":"b","SecretBinary":"AAAA"}', ARN: 'arn' }),
      Buffer.from('{"a":"b","SecretBinary":"AAAA"}'),
    ],
    ['zeros for what is no ASCII', '{"SecretString":"\\u20acx"}', Buffer.from('\0x')],
  ])('returns %s, and leaves an empty one', (_what, json, value) => {
    const body = Buffer.from(json);

    const taken = takeSecretValue(body);

    expect(taken).toEqual(value);
    expect(Object.values(JSON.parse(body.toString()) as object)).toContain('');
    expect(body).toHaveLength(Buffer.byteLength(json));
    expect(body.includes(value)).toBe(false);
  });

  test.each(['{}', '{"Plaintext":"AAAA"}', '{"SecretString":null}'])('finds none in %j and changes nothing', (json) => {
    const body = Buffer.from(json);

    expect(takeSecretValue(body)).toBeUndefined();
    expect(body.toString()).toBe(json);
  });

  test('leaves nothing of a text that ends in an escape', () => {
    const body = Buffer.from('{"SecretString":"hunter2\\');

    takeSecretValue(body);

    expect(body.toString().trimEnd()).toBe('{"SecretString":"');
  });
});

test('leaves nothing of a plaintext that turns out to be no base64', () => {
  const from = jest.spyOn(Buffer, 'from');

  expect(() => takePlaintext(Buffer.from('{"Plaintext":"c2VjcmV0c2VjcmV0!AAA"}'))).toThrowWithCode('KeyUnreachable');

  const [decoded] = from.mock.results.map(({ value }) => value as Buffer).filter(({ length }) => length === 15);
  from.mockRestore();
  expect(decoded).toEqual(Buffer.alloc(15));
});
