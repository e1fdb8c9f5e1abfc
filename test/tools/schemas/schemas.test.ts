import { describe, expect, test } from '@jest/globals';
import { Ajv2020 } from 'ajv/dist/2020';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import * as v from 'valibot';
import { readAuditRequest } from '../../../lambda/requests/requests';
import { checkInboundHeader } from '../../../lambda/transport/inbound-header';
import { readRecipient } from '../../../lambda/transport/recipient';
import { HYBRID_ENVELOPE } from '../../../lambda/contract/transport';
import { CREATED_EVENT, readEvent } from '../../../lambda/webhook/event';
import { CATALOGUE } from '../../../tools/schemas/catalogue';
import { SCHEMA_FOLDER, schemaFiles } from '../../../tools/schemas/files';
import { changesOf } from './changes';
import { EXAMPLES } from './examples';

const NAMES = Object.keys(CATALOGUE);
const ajv = new Ajv2020({ strict: true, allowUnionTypes: true });
const validators = new Map(
  NAMES.map((name) => [
    name,
    ajv.compile(JSON.parse(readFileSync(join(SCHEMA_FOLDER, `${name}.schema.json`), 'utf8'))),
  ]),
);

/** The verdict of the file in docs/schemas. */
const accepts = (name: string, value: unknown): boolean => validators.get(name)?.(value) === true;
const examplesOf = (name: string): readonly object[] => EXAMPLES[name] ?? [];

/** The verdict of the contract; of audit's requests, the verdict of the function's reader, which checks a pair too. */
function isOfContract(name: string, value: unknown): boolean {
  if (name === 'audit-request') return doesNotThrow(() => readAuditRequest(value));
  // the transport reads the envelopes
  if (name === 'webhook-created')
    return v.is(CREATED_EVENT, value) && envelopesOf(value).every((each) => v.is(HYBRID_ENVELOPE, each));
  return v.is(CATALOGUE[name]?.schema ?? v.never(), value);
}

function envelopesOf({ data }: v.InferInput<typeof CREATED_EVENT>): readonly unknown[] {
  return [data.encryptedDelegatedShare, data.encryptedWalletApiKey];
}

function doesNotThrow(call: () => unknown): boolean {
  try {
    call();
    return true;
  } catch {
    return false;
  }
}

describe('docs/schemas', () => {
  const stored = readdirSync(SCHEMA_FOLDER).map(
    (name) => [name, readFileSync(join(SCHEMA_FOLDER, name), 'utf8')] as const,
  );

  test('holds the schemas of the contract: `npm run schemas` writes them', () => {
    const parsed = stored.map(([name, text]) => [name, JSON.parse(text) as unknown]);

    expect(Object.fromEntries(parsed)).toEqual(schemaFiles());
  });

  test('is in ASCII, and has no pattern that an engine other than ECMAScript does not read', () => {
    const patterns = stored.flatMap(([, text]) => text.match(/"pattern": ".*"/g) ?? []);

    expect(stored.filter(([, text]) => !/^[\x20-\x7e\n]*$/.test(text))).toEqual([]);
    expect(patterns.filter((pattern) => /\\\\[pPuxkbBdDsSwW]|\(\?[!=<]/.test(pattern))).toEqual([]);
    expect(patterns.length).toBeGreaterThan(50);
  });
});

test.each(NAMES)('the schema %s accepts its examples, as the contract does', (name) => {
  const verdicts = examplesOf(name).map((example) => [accepts(name, example), isOfContract(name, example)]);

  expect(verdicts).toEqual(examplesOf(name).map(() => [true, true]));
  expect(verdicts.length).toBeGreaterThan(0);
});

test.each(NAMES)('the schema %s has the verdict of the contract for every small change of an example', (name) => {
  const changed = examplesOf(name).flatMap(changesOf);

  const different = changed.filter((value) => accepts(name, value) !== isOfContract(name, value));

  expect(changed.filter((value) => !accepts(name, value)).length).toBeGreaterThan(10);
  expect(different).toEqual([]);
});

describe('a schema accepts what only code can refuse', () => {
  const withMember = (name: string, member: object): object => ({ ...examplesOf(name)[0], ...member });

  test.each([
    ['an id that is not in form NFC', 'unseal-request', { walletId: 'e\u0301' }],
    ['an id of 256 halves of surrogate pairs', 'unseal-request', { walletId: '\u{1f600}'.repeat(128) }],
    ['half of a surrogate pair', 'revoke-request', { walletId: '\ud800' }],
    ['properties of too many bytes', 'replace-properties-request', { walletProperties: 'é'.repeat(200_000) }],
    ['a day that does not exist', 'audit-request', { action: 'wallets', from: '2026-02-30T12:00:00.000Z' }],
    ['an environment with two hyphens in a row', 'inbound-header', { env: 'a--b' }],
    ['a key named __proto__', 'inbound-header', { kid: '__proto__' }],
  ])('%s', (_what, name, member) => {
    const value = name === 'audit-request' ? member : withMember(name, member);

    expect([accepts(name, value), isOfContract(name, value)]).toEqual([true, false]);
  });
});

describe('a value that a schema refuses is refused by the reader of the runtime', () => {
  const header = examplesOf('inbound-header')[0] as Readonly<Record<'env' | 'walletId' | 'userId' | 'chain', string>>;
  const binding = { ...header, kind: 'delegated-share', field: 'delegated_share' } as const;
  const rsaKey = { open: () => Promise.reject(new Error('unused')) };
  const readHeader = (value: unknown) =>
    checkInboundHeader(Buffer.from(JSON.stringify(value)), binding, new Map([['intake-1', rsaKey]]), 1_795_000_000_000);
  const readDelivery = (value: unknown) => readEvent(Buffer.from(JSON.stringify(value)), Date.parse('2026-11-21'));

  test.each([
    ['inbound-header', readHeader],
    ['recipient', readRecipient],
    ['webhook-revoked', readDelivery],
  ] as const)('%s', (name, read) => {
    const refused = examplesOf(name)
      .flatMap(changesOf)
      .filter((value) => !accepts(name, value) && !isOtherEvent(value));

    expect(doesNotThrow(() => read(examplesOf(name)[0]))).toBe(true);
    expect(refused.filter((value) => doesNotThrow(() => read(value)))).toEqual([]);
  });

  /** The vault accepts and ignores an event of another name. */
  const isOtherEvent = (value: unknown): boolean =>
    typeof value === 'object' &&
    value !== null &&
    'eventName' in value &&
    value.eventName !== 'wallet.delegation.revoked';
});
