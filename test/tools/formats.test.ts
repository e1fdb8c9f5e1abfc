import { describe, expect, test } from '@jest/globals';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { ERROR_CODES, RETRYABLE_CODES } from '../../lambda/contract/codes';
import { LIMITS } from '../../lambda/contract/limits';

const DOCS = join(__dirname, '..', '..', 'docs');
const page = readFileSync(join(DOCS, 'formats.md'), 'utf8');
const schemas = readdirSync(join(DOCS, 'schemas'));

/** Returns the names of a schema's members, at any depth. */
function membersOf(schema: unknown): readonly string[] {
  if (typeof schema !== 'object' || schema === null) return [];
  const { properties, ...rest } = schema as { readonly properties?: Readonly<Record<string, unknown>> };
  const inner = [...Object.values(rest), ...Object.values(properties ?? {})];
  return [...Object.keys(properties ?? {}), ...inner.flatMap(membersOf)];
}

const formatted = (limit: number): string => limit.toLocaleString('en');

describe('docs/formats.md', () => {
  test.each(schemas)('links %s', (name) => {
    expect(page).toContain(`](schemas/${name})`);
  });

  test.each(schemas.filter((name) => /-request|-header|recipient|webhook-created/.test(name)))(
    'names each member of %s',
    (name) => {
      const members = new Set(membersOf(JSON.parse(readFileSync(join(DOCS, 'schemas', name), 'utf8'))));

      expect(members.size).toBeGreaterThan(1);
      expect([...members].filter((member) => !new RegExp(`[\`".]${member}[\`".]`).test(page))).toEqual([]);
    },
  );

  test.each(ERROR_CODES)('has the code %s, and whether a retry may succeed', (code) => {
    const retry = RETRYABLE_CODES.has(code) ? 'yes' : 'no';

    expect(page).toMatch(new RegExp(`^\\| \`${code}\` +\\|.*\\| ${retry} +\\|$`, 'm'));
  });

  test('has no code that the vault does not have', () => {
    const [, table = ''] = /## Errors\n([^]*?)\n## /.exec(page) ?? [];
    const codes = [...table.matchAll(/^\| `([A-Za-z]+)`/gm)].map(([, code]) => code);

    expect(codes).toEqual([...ERROR_CODES]);
  });

  test.each([
    ['a material', `1 to ${formatted(LIMITS.materialBytes)} bytes`],
    ['wallet properties', `${formatted(LIMITS.walletPropertiesBytes)} bytes`],
    ['items of a batch', `${LIMITS.batchRecords}`],
    ['rows of a page', `${LIMITS.pageRows}`],
    ['the age of a JWE to the vault', `${LIMITS.transportAgeSeconds} seconds; ${LIMITS.transportAheadSeconds} seconds`],
    ['the body of a delivery', `${formatted(LIMITS.webhookBytes)} bytes`],
    ['the event time of a delivery', `${LIMITS.webhookAheadSeconds} seconds`],
    ['`walletId`, `userId`, `publicKey`, `shareSetId`', `1 to ${LIMITS.idChars} characters`],
    ['`chain`', `1 to ${LIMITS.chainChars} characters`],
    ['`reason`', `1 to ${LIMITS.reasonChars} characters`],
  ])('has the limit of %s in its row: %s', (name, limit) => {
    const [, value] = new RegExp(`^\\| ${name} +\\| (${limit}\\b.*) \\|$`, 'm').exec(page) ?? [];

    expect(value).toBeDefined();
  });
});
