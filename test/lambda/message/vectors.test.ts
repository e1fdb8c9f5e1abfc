import { describe, expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { openMessage, parseMessage } from '../../../lambda/message';
import { esdkDecrypt } from '../../../tools/esdk';
import negative from './vectors/negative.json';
import positive from './vectors/positive.json';
import type { NegativeVector, PositiveVector } from './vectors/vectors';

const POSITIVE = positive as unknown as readonly PositiveVector[];
const NEGATIVE = negative as unknown as readonly NegativeVector[];

describe.each(POSITIVE)('the message by $writer: $title', (vector) => {
  const message = Buffer.from(vector.message, 'hex');

  test('opens here', async () => {
    const opened = openMessage(parseMessage(message), Buffer.from(vector.dataKey, 'hex'), new Map(vector.context));

    expect(opened.toString('hex')).toBe(vector.plaintext);
  });

  test.each(vector.wrappingKeys)('opens in the AWS Encryption SDK with $name', async ({ name, secret }) => {
    const opened = await esdkDecrypt(message, [{ name, secret: Buffer.from(secret, 'hex') }]);

    expect(opened.plaintext.toString('hex')).toBe(vector.plaintext);
    expect(opened.context).toEqual(new Map(vector.context));
  });
});

test.each(NEGATIVE)('refuses the message with $title as $code', (vector) => {
  const open = (): Buffer =>
    openMessage(
      parseMessage(Buffer.from(vector.message, 'hex')),
      Buffer.from(vector.dataKey, 'hex'),
      new Map(vector.context),
    );

  expect(open).toThrowWithCode(vector.code);
});

test('there are vectors of both kinds', () => {
  expect(POSITIVE.length).toBeGreaterThan(5);
  expect(NEGATIVE.length).toBeGreaterThan(20);
});

test('the worked example of the documentation is the first vector', () => {
  const text = readFileSync(join(__dirname, '..', '..', '..', 'docs', 'message-format.md'), 'utf8');
  const rows = [...text.matchAll(/^\| +(?<offset>\d+) +\| +(?<length>\d+) +\|.*\| +`(?<hex>[0-9a-f]+)` +\|$/gm)];
  const fields = rows.map(({ groups }) => Buffer.from(groups?.hex ?? '', 'hex'));

  expect(Buffer.concat(fields).toString('hex')).toBe(POSITIVE[0]?.message);
  expect(rows.map(({ groups }) => Number(groups?.length))).toEqual(fields.map(({ length }) => length));
  expect(rows.map(({ groups }) => Number(groups?.offset))).toEqual(offsets(fields));
  expect(text).toContain(POSITIVE[0]?.dataKey);
});

function offsets(fields: readonly Buffer[]): readonly number[] {
  return fields.map((_, i) => Buffer.concat(fields.slice(0, i)).length);
}
