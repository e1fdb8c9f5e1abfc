import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parseHeader } from '../../../lambda/transport/inbound-header';
import { RUNS } from './support/runs';

const parse = (text: string) => parseHeader(Buffer.from(text));

const scalar = fc.oneof(fc.string({ unit: 'binary' }), fc.double({ noNaN: true }), fc.boolean(), fc.constant(null));

describe('parseHeader', () => {
  test('reads the members of an object', () => {
    expect(parse('{"a":"x:y","b\\"":1,"toString":null}')).toEqual(
      new Map<string, unknown>([
        ['a', 'x:y'],
        ['b"', 1],
        ['toString', null],
      ]),
    );
  });

  test('reads whatever flat object JSON can spell', () => {
    fc.assert(
      fc.property(
        fc.dictionary(
          fc.string({ unit: 'binary' }).filter((name) => name !== '__proto__'),
          scalar,
        ),
        fc.constantFrom(0, 2),
        (object, indent) => {
          const text = JSON.stringify(object, null, indent);

          expect(parse(text)).toEqual(new Map(Object.entries(JSON.parse(text) as object)));
        },
      ),
      { numRuns: RUNS },
    );
  }, 600_000);

  test('refuses whatever flat object has a member twice', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.string(), scalar), { minLength: 1, maxLength: 5 }),
        fc.nat(),
        (members, pick) => {
          const twice = [...members, members[pick % members.length] ?? ['', null]];
          const text = `{${twice.map((pair) => pair.map((value) => JSON.stringify(value)).join(':')).join(',')}}`;

          expect(() => parse(text)).toThrowWithCode('TransportRejected');
        },
      ),
      { numRuns: RUNS },
    );
  }, 600_000);

  test.each([
    ['no JSON', '{'],
    ['nothing', ''],
    ['text behind the object', '{} {}'],
    ['a byte order mark', '\ufeff{}'],
    ['an array', '[]'],
    ['a text', '"a"'],
    ['null', 'null'],
    ['a member twice', '{"a":1,"a":1}'],
    ['a member twice, once escaped', '{"a":1,"\\u0061":1}'],
    ['a member twice beside an escaped quote', '{"a":"\\"","a":"\\\\"}'],
    ['__proto__ twice', '{"__proto__":1,"__proto__":1}'],
    ['__proto__', '{"__proto__":null}'],
    ['a list within', '{"a":[]}'],
    ['an object within', '{"a":{"b":1}}'],
    ['an object within an array', '{"a":[{"b":1}]}'],
    ['an empty object that hides a member', '{"a":{"b":1,"b":2},"a":"x"}'],
  ])('refuses %s', (_case, text) => {
    expect(() => parse(text)).toThrowWithCode('TransportRejected');
  });

  test.each([
    ['a byte of no character', [0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]],
    ['an overlong spelling', [0x7b, 0x22, 0xc0, 0xa2, 0x22, 0x3a, 0x31, 0x7d]],
    ['half a surrogate pair', [0x7b, 0x22, 0xed, 0xa0, 0x80, 0x22, 0x3a, 0x31, 0x7d]],
  ])('refuses %s', (_case, bytes) => {
    expect(() => parseHeader(Buffer.from(bytes))).toThrow('header: expected UTF-8, got other bytes');
  });

  test('quotes nothing of a text that is no JSON', () => {
    expect(() => parse('{"a": hunter2}')).toThrow(/^header: expected JSON, got another text$/);
  });
});
