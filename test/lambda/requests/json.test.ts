import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { VaultError } from '../../../lambda/contract/errors';
import { parseJson } from '../../../lambda/requests/json';
import { RUNS } from '../transport/support/runs';

const refuse = (expected: string, got: string) => new VaultError('InvalidRequest', `expected ${expected}, got ${got}`);
const readBytes = (bytes: Uint8Array) => parseJson(bytes, { refuse });
const read = (text: string) => readBytes(Buffer.from(text));
/** A document nested no deeper than the limit. */
const document = fc.jsonValue({ maxDepth: 10 }).filter((value) => !JSON.stringify(value).includes('__proto__'));

/** A document as another writer could write it, with white space and escaped names and texts. */
function written(value: unknown, space: string): string {
  if (Array.isArray(value)) return `[${space}${value.map((item) => written(item, space)).join(`,${space}`)}]`;
  if (typeof value === 'object' && value !== null) {
    const members = Object.entries(value).map(([name, item]) => `${escaped(name)}${space}:${written(item, space)}`);
    return `{${members.join(`${space},`)}${space}}`;
  }
  return typeof value === 'string' ? escaped(value) : JSON.stringify(value);
}

const escaped = (text: string) =>
  `"${[...Array(text.length).keys()].map((i) => `\\u${text.charCodeAt(i).toString(16).padStart(4, '0')}`).join('')}"`;

describe('parseJson', () => {
  test('reads what JSON.parse reads', () => {
    fc.assert(
      fc.property(document, fc.constantFrom('', ' ', '\n\t', '\r\n '), (value, space) => {
        for (const text of [JSON.stringify(value), JSON.stringify(value, undefined, 2), written(value, space)]) {
          expect(read(text)).toEqual(JSON.parse(text));
        }
      }),
      { numRuns: RUNS },
    );
  });

  test('refuses what JSON.parse refuses', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        let known: unknown;
        try {
          known = JSON.parse(text);
        } catch {
          expect(() => read(text)).toThrowWithCode('InvalidRequest');
          return;
        }
        expect(read(text)).toEqual(known);
      }),
      { numRuns: RUNS },
    );
  });

  test('refuses a name twice in one object, at any depth and in any spelling', () => {
    const name = fc.string().filter((text) => text !== '__proto__');
    fc.assert(
      fc.property(name, document, document, fc.array(fc.boolean(), { maxLength: 8 }), (key, one, other, path) => {
        const twice = `{${JSON.stringify(key)}:${JSON.stringify(one)},"x${key.length}y":{},${escaped(key)}:${JSON.stringify(other)}}`; // prettier-ignore
        const text = path.reduce((inner, list) => (list ? `[0,${inner}]` : `{"a:{b":":","c":${inner}}`), twice);
        expect(() => read(text)).toThrowWithCode('InvalidRequest');
      }),
      { numRuns: RUNS },
    );
  });

  test.each([
    '{"a":1,"a":1}',
    '{"a":{"a":1},"a":1}',
    '[{"a":1},{"b":1,"b":[]}]',
    '{"":1,"":2}',
    '{"__proto__":{}}',
    '{"a":[{"__proto__":1}]}',
    '{"\\u005f_proto__":1}',
    '{"a":1,}',
    "{'a':1}",
    '{"a":NaN}',
    '{"a":01}',
    '"\t"',
    '\ufeff{}',
    '{} {}',
    '',
    '{"a":1}//',
  ])('refuses %j', (text) => {
    expect(() => read(text)).toThrowWithCode('InvalidRequest');
  });

  test.each([
    ['an overlong slash', [0x22, 0xc0, 0xaf, 0x22]],
    ['half a surrogate pair', [0x22, 0xed, 0xa0, 0x80, 0x22]],
    ['a cut sequence', [0x22, 0xe2, 0x82, 0x22]],
    ['UTF-16', [0x7b, 0x00, 0x7d, 0x00]],
  ])('refuses %s', (_what, bytes) => {
    expect(() => readBytes(Buffer.from(bytes))).toThrowWithCode('InvalidRequest');
  });

  test.each([
    ['colons and quotes in texts', '{"a:b":"{\\"c\\":1,\\"c\\":2}","d":"\\\\","e":"::"}'],
    ['one name in two objects', '[{"a":1},{"a":1}]'],
    ['names that differ in case', '{"a":1,"A":2}'],
    ['names of methods', '{"constructor":1,"toString":{"hasOwnProperty":2}}'],
  ])('reads %s', (_what, text) => {
    expect(read(text)).toEqual(JSON.parse(text));
  });

  test('reads 16 levels and refuses 17', () => {
    const levels = (depth: number) => '['.repeat(depth) + ']'.repeat(depth);

    expect(read(levels(16))).toEqual(JSON.parse(levels(16)));
    expect(() => read(levels(17))).toThrowWithCode('InvalidRequest');
    expect(() => read(`{"a":`.repeat(17) + '1' + '}'.repeat(17))).toThrowWithCode('InvalidRequest');
  });

  test('quotes nothing of what it refuses', () => {
    expect(() => read('{"hunter2":hunter2}')).toThrow(
      expect.objectContaining({ message: expect.not.stringContaining('hunter2') }),
    );
  });
});
