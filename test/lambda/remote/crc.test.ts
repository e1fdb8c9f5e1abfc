import { expect, test } from '@jest/globals';
import { crc32c } from '../../../lambda/remote/crc';

/** Of RFC 3720, appendix B.4, whose sums are in the order of the wire, and of the check value of the CRC catalogue. */
test.each<[string, Uint8Array, number]>([
  ['no byte', Buffer.alloc(0), 0],
  ['"123456789"', Buffer.from('123456789'), 0xe306_9283],
  ['32 zeros', Buffer.alloc(32), 0x8a91_36aa],
  ['32 bytes of ones', Buffer.alloc(32, 0xff), 0x62a8_ab43],
  ['32 rising bytes', Buffer.from(Array.from({ length: 32 }, (_, at) => at)), 0x46dd_794e],
  ['32 falling bytes', Buffer.from(Array.from({ length: 32 }, (_, at) => 31 - at)), 0x113f_db5c],
])('the CRC-32C of %s is that of the standard', (_what, bytes, sum) => {
  expect(crc32c(bytes)).toBe(sum);
});
