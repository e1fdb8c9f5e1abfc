import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { foldChain, guessChain, guessId, isCanonicalChain, isCanonicalId } from '../../../lambda/contract/canonical';

const HIDDEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/u;
const odd = fc.string({
  unit: fc.constantFrom('E', 'v', 'M', '1', ':', '-', ' ', '\u200b', '\u2066', '\u00a0', 'e', '\u0301', 'ﬀ', 'ß', 'Е'),
  maxLength: 12,
});

describe('a canonical id', () => {
  test.each(['wallet-1', '7448d633-1c8a-4c23-aeea-bc7f2d34cbe3', '0xd74FF800', 'user 1', '用户', '😀', '\u00e9'])(
    'may be %j',
    (id) => {
      expect(isCanonicalId(id)).toBe(true);
    },
  );

  test('has no character that is invisible, of all that there are', () => {
    const points = Array.from({ length: 0x11_0000 }, (_, i) => i).filter((code) => code < 0xd800 || code > 0xdfff);
    const hidden = points.map((code) => String.fromCodePoint(code)).filter((character) => HIDDEN.test(character));

    expect(hidden.filter((character) => isCanonicalId(`a${character}b`))).toEqual([]);
  });

  test('is the result of a guess for any text, or there is no result', () => {
    fc.assert(
      fc.property(odd, (text) => {
        expect(isCanonicalId(guessId(text) ?? 'none')).toBe(true);
      }),
    );
  });

  test.each([
    [' wallet-1\u200b', 'wallet-1'],
    ['wallet-1', 'wallet-1'],
    ['e\u200d\u0301', '\u00e9'],
    [' \u200b ', undefined],
    ['\u0958'.repeat(127), '\u0915\u093c'.repeat(127)],
    ['\u0958'.repeat(128), undefined],
  ])('is guessed of %j as %j', (text, id) => {
    expect(guessId(text)).toBe(id);
  });
});

describe('a canonical chain', () => {
  test.each(['EVM', 'eip155:1', 'ton:-239', 'A', '0G', 'TEST_NET-1'])('may be %s', (chain) => {
    expect(isCanonicalChain(chain)).toBe(true);
  });

  test.each(['', 'evm', 'Evm', 'EIP155:1', 'eip155:', 'ab:1', 'EVM-', '-EVM', 'EVM_-1', 'ABCDEFGHIJK', 'eip155:4216'])(
    'is not %j',
    (chain) => {
      expect(isCanonicalChain(chain)).toBe(false);
    },
  );

  test('is the only guess for every text that looks like it', () => {
    fc.assert(
      fc.property(odd, (text) => {
        const chain = guessChain(text) ?? 'EVM';
        expect([isCanonicalChain(chain), guessChain(chain), foldChain(chain)]).toEqual([true, chain, chain]);
      }),
    );
  });

  test.each([
    ['evm', 'EVM'],
    ['EVM ', 'EVM'],
    ['EVM\u200b', 'EVM'],
    ['ＥＶＭ', 'EVM'],
    ['Eip155:1\n', 'eip155:1'],
    ['ЕVM', undefined],
    ['Ethereum mainnet', undefined],
  ])('is guessed of %j as %j', (text, chain) => {
    expect(guessChain(text)).toBe(chain);
  });

  test.each(['ß', 'ﬀ', 'ı', 'ſ', 'EVM ', 'EVM\u200b', 'ＥＶＭ'])('is not guessed for %j by its case', (text) => {
    expect(foldChain(text)).toBeUndefined();
  });
});
