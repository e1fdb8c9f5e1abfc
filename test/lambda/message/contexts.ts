import type { EncryptionContext } from '../../../lambda/message';

export const RECORD_CONTEXT: EncryptionContext = new Map([
  ['environment', 'dev'],
  ['record', '0f0e0d0c-0b0a-4908-8706-050403020100'],
  ['field', 'delegated_share'],
  ['chain', 'EVM'],
  ['owner', 'kPKcX8X2Yd0xVtZl8d6m2mFzq0gJ6bq3t1s6b0mA7aE'],
]);

/** Contexts of many sizes and scripts. UTF-16 would sort the names of `astral` in the opposite order of UTF-8. */
export const CONTEXTS: readonly (readonly [string, EncryptionContext])[] = [
  ['the five pairs of a record', RECORD_CONTEXT],
  ['an empty value', new Map([['record', '']])],
  [
    'multi-byte text',
    new Map([
      ['Größe', 'ß'],
      ['名前', '金庫'],
      ['имя', 'сейф'],
      ['clé', '🔑🔒'],
    ]),
  ],
  [
    'names beyond the basic plane',
    new Map([
      ['\u{1f600}', 'astral'],
      ['\uff5e', 'basic'],
    ]),
  ],
  [
    'a name that begins another',
    new Map([
      ['ab', '1'],
      ['a', '2'],
      ['abc', '3'],
    ]),
  ],
  ['a replacement character and a byte order mark', new Map([['\ufeffname', '\ufffd']])],
  ...Array.from({ length: 21 }, (_, count) => [`${count} pairs`, numbered(count)] as const),
];

export function numbered(count: number): EncryptionContext {
  return new Map(Array.from({ length: count }, (_, i) => [`name-${i}-ü`, `value ${i} \u{1f510}`]));
}
