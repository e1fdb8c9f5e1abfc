import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Ajv2020 } from 'ajv/dist/2020';
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { LocalVault } from '../../../local/vault';
import { material } from '../../support/run';
import { codeOf, startPatientVault } from '../deliveries';
import { invoke } from '../harness';
import type { Implementation, Materials } from './implementation';
import { joseExchange } from './jose';
import { hasPython, pythonExchange, pythonUsage } from './python';

const SCHEMAS = join(__dirname, '../../../docs/schemas');
const ajv = new Ajv2020();

/** Requires that a value is of the documented form. */
function requireForm(name: string, value: unknown): void {
  const id = `urn:share-vault:${name}`;
  const schema =
    ajv.getSchema(id) ?? ajv.compile(JSON.parse(readFileSync(join(SCHEMAS, `${name}.schema.json`), 'utf8')));
  expect([schema(value), schema.errors]).toEqual([true, null]);
}

let vault: LocalVault;
beforeAll(async () => {
  vault = await startPatientVault();
});
afterAll(() => vault.close());

/** Invokes a function; request and response have the documented forms. */
async function call(name: 'seal' | 'unseal' | 'audit', request: object, forms: string): Promise<unknown> {
  const actor = name === 'audit' ? 'auditor' : 'signer';
  requireForm(`${forms.replace(/^audit-.*/, 'audit')}-request`, request);
  const { functionError, body } = await invoke(vault, name, request, actor);
  requireForm(functionError === undefined ? `${forms}-response` : 'function-error', body);
  return body;
}

const KINDS = {
  'delegated-share': ['delegatedShare', 'walletApiKey'],
  'server-key-shares': ['serverKeyShares'],
} as const;

function materialsOf(kind: keyof typeof KINDS): Materials {
  return Object.fromEntries(KINDS[kind].map((name) => [name, material(457).toString('base64url')]));
}

const newWallet = () => ({ walletId: `wallet-${randomUUID()}`, chain: 'EVM', userId: 'user für 1' });

function exchanges(start: () => Implementation): void {
  let other: Implementation;
  beforeAll(() => {
    other = start();
  });
  afterAll(() => other.close());

  const intakeKey = () => ({ kid: vault.keys.intakeKey.kid, pem: vault.keys.intakeKey.publicKey });
  const sealRequest = (kind: string, wallet: ReturnType<typeof newWallet>, materials: Materials) =>
    other.seal({ environment: vault.environment, intake_key: intakeKey(), kind, wallet, materials });
  const unsealRequest = (kind: string, wallet: ReturnType<typeof newWallet>) =>
    other.unseal({ environment: vault.environment, kind, wallet, reason: 'sign für 7 ×' });

  test.each(['delegated-share', 'server-key-shares'] as const)(
    'a record of the kind %s is sealed, opened byte for byte, and found in a log that it verifies',
    async (kind) => {
      const [wallet, materials] = [newWallet(), materialsOf(kind)];

      await call('seal', await sealRequest(kind, wallet, materials), 'seal');
      const response = await call('unseal', await unsealRequest(kind, wallet), 'unseal');
      const opened = await other.open({ response });
      const named = { walletId: wallet.walletId, chain: wallet.chain };
      const log = (await call('audit', { action: 'log', ...named }, 'audit-log')) as { entries: readonly object[] };
      const head = await call('audit', { action: 'head', ...named }, 'audit-head');
      const verified = await other.verifyLog({ wallet: named, entries: log.entries, head });
      const changed = log.entries.map((entry, at) => (at === 1 ? { ...entry, reason: 'another' } : entry));
      const broken = await other.verifyLog({ wallet: named, entries: changed, head });

      expect(opened).toEqual({ result: materials });
      expect(log.entries).toMatchObject([{ outcome: 'sealed' }, { outcome: 'granted', reason: 'sign für 7 ×' }]);
      expect([verified, broken]).toEqual([{ result: null }, { refused: expect.stringContaining('row 2') }]);
    },
  );

  test('a request that is sent twice is one record, and is refused for another wallet', async () => {
    const request = await sealRequest('delegated-share', newWallet(), materialsOf('delegated-share'));

    const first = await call('seal', request, 'seal');
    const again = await call('seal', request, 'seal');
    const stolen = await call('seal', { ...request, walletId: newWallet().walletId }, 'seal');

    expect(again).toEqual(first);
    expect(stolen).toMatchObject({ errorType: 'TransportRejected' });
  });

  test('a response to another request is refused', async () => {
    const wallet = newWallet();
    await call('seal', await sealRequest('delegated-share', wallet, materialsOf('delegated-share')), 'seal');
    const response = await call('unseal', await unsealRequest('delegated-share', wallet), 'unseal');
    await unsealRequest('delegated-share', wallet);

    expect(await other.open({ response })).toEqual({ refused: expect.any(String) });
  });

  test('materials in the places of each other are refused', async () => {
    const wallet = newWallet();
    await call('seal', await sealRequest('delegated-share', wallet, materialsOf('delegated-share')), 'seal');
    const response = await call('unseal', await unsealRequest('delegated-share', wallet), 'unseal');
    const { materials } = response as { readonly materials: Materials };
    const { delegatedShare = '', walletApiKey = '' } = materials;
    const swapped = {
      ...(response as object),
      materials: { delegatedShare: walletApiKey, walletApiKey: delegatedShare },
    };

    expect(await other.open({ response: swapped })).toEqual({
      refused: expect.stringContaining('expected the header'),
    });
    expect(await other.open({ response })).toMatchObject({ result: {} });
  });

  test('a delivery in the form of Dynamic is sealed, and opens to exactly what was encrypted', async () => {
    const [wallet, materials] = [newWallet(), materialsOf('delegated-share')];
    const { webhook } = vault;
    const sent = { ...wallet, publicKey: '0xd74FF800' };
    const webhookKey = { kid: webhook.kid, pem: webhook.publicKey };

    const delivery = { webhook_key: webhookKey, secret: webhook.secret, wallet: sent, materials };
    const { body, headers } = await other.delivery(delivery);
    requireForm('webhook-created', JSON.parse(body));
    const code = await codeOf(vault, Buffer.from(body), headers);
    const response = await call('unseal', await unsealRequest('delegated-share', wallet), 'unseal');

    expect(code).toBe('200 Sealed');
    expect(await other.open({ response })).toEqual({ result: materials });
  });
}

describe('an exchange with the library jose', () => exchanges(joseExchange));

function exchangesOfPython(): void {
  exchanges(pythonExchange);

  test('docs/examples/exchange.py without arguments names each of its calls', () => {
    const { code, printed } = pythonUsage();

    expect(code).toBe(1);
    for (const name of ['seal', 'unseal', 'open', 'verify_log', 'delivery']) expect(printed).toContain(`\n  ${name} `);
  });
}

if (hasPython()) describe('an exchange with docs/examples/exchange.py', exchangesOfPython);
else test.todo('docs/examples/exchange.py is not tried: expected Python 3 with the package cryptography, got none');
