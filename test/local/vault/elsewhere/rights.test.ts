import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BodyStoreDescription } from '../../../../lambda/contract/elsewhere';
import { PhysicalNames } from '../../../../local/emulator/deploy/physical';
import { readStack } from '../../../../local/emulator/deploy/read';
import type { StandIn } from '../../../../local/emulator/elsewhere/stand-in';
import { WebIdentityIssuer } from '../../../../local/emulator/services/web-identity';
import type { StackTemplate } from '../../../../local/emulator/template';
import { standInsOf } from '../../../../local/vault/elsewhere';
import { bodyStoreOf, openingKeysOf, otherKeysOf } from '../../../../local/vault/elsewhere/uses';
import { vaultOptions } from '../../../../local/vault/options';
import { synthesized } from '../../../support/synthesized';
import { bodyRights, keyRights } from './intruder';

/** Every function of a vault, each with a token of its own role. */
const FUNCTIONS = [
  ...['seal', 'receive', 'unseal', 'revoke', 'properties', 'audit', 'freeze', 'thaw', 'migrate', 'reseal', 'guard'],
];

/** The stand-ins of a template, and tokens of its functions' roles. */
interface Place {
  readonly template: StackTemplate;
  readonly standIns: readonly StandIn[];
  readonly tokensOf: (name: string) => (audience: string) => string;
}

async function open(path: string, dir: string): Promise<Place> {
  const template = readStack(vaultOptions({ template: path }), new PhysicalNames());
  const { account, region } = template.resolver.deployment;
  const issuer = new WebIdentityIssuer({ account, region });
  const callerIdentity = (): Promise<undefined> => Promise.resolve(undefined);
  const standIns = await standInsOf({ template, dir, issuer, callerIdentity });
  const tokensOf: Place['tokensOf'] = (name) => (audience) => {
    const { roleArn } = partOf(template, name);
    const principal = { arn: roleArn, roleArn, account };
    return issuer.issue({ principal, audience: [audience], seconds: 300 }).token;
  };
  return { template, standIns, tokensOf };
}

function partOf(template: StackTemplate, name: string) {
  const part = template.functions().find((each) => each.name === `share-vault-dev-${name}`);
  if (part === undefined) throw new Error(`expected a function ${name}, got none`);
  return part;
}

let dir: string;
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'rights-'));
});
afterAll(() => rmSync(dir, { recursive: true }));

describe('the keys of a template at their stand-ins', () => {
  let place: Place;
  beforeAll(async () => {
    place = await open(join(synthesized(join(__dirname, 'keys-stack.ts')), 'ShareVault-dev.template.json'), dir);
  });

  test.each([
    ['gcp-kms', 0],
    ['azure-key-vault', 1],
    ['azure-managed-hsm', 2],
    ['vault-transit', 3],
  ])('let only seal, receive and reseal wrap, and only unseal unwrap: %s', async (type, index) => {
    const { template, standIns, tokensOf } = place;
    const rights: string[] = [];
    for (const login of ['seal', 'unseal']) {
      const key = otherKeysOf(partOf(template, login))[index];
      expect(key?.type).toBe(type);
      for (const name of FUNCTIONS) {
        const allowed = key && (await keyRights(standIns, key, tokensOf(name)));
        rights.push(...(allowed ?? []).map((operation) => `${name}, logged in as ${login}: ${operation}`));
      }
    }

    // at Google, each function is a principal of its own: there is one way to log in
    const ways = type === 'gcp-kms' ? ['seal', 'unseal'] : ['seal'];
    const expected = [
      ...ways.flatMap((login) => ['seal', 'receive', 'reseal'].map((name) => `${name}, logged in as ${login}: wrap`)),
      ...(type === 'gcp-kms' ? ways : ['unseal']).map((login) => `unseal, logged in as ${login}: unwrap`),
    ];
    expect(rights.sort()).toEqual(expected.sort());
  });
});

test('a key at a stand-in that only opens is unwrapped with by unseal and reseal, and wrapped with by nobody', async () => {
  const folder = synthesized(join(__dirname, '..', '..', '..', 'e2e', 'reseal-elsewhere-stack.ts'));
  const template = join(folder, 'kms-to-google', 'before', 'ShareVault-dev.template.json');
  const place = await open(template, join(dir, 'retiring'));
  const [key] = openingKeysOf(partOf(place.template, 'unseal'));
  const rights: string[] = [];
  for (const name of FUNCTIONS) {
    const allowed = key && (await keyRights(place.standIns, key, place.tokensOf(name)));
    rights.push(...(allowed ?? []).map((operation) => `${name}: ${operation}`));
  }

  expect(rights.sort()).toEqual(['reseal: unwrap', 'unseal: unwrap']);
});

describe('the bodies of a template at their stand-ins', () => {
  const folder = synthesized(join(__dirname, 'bodies-stack.ts'));
  const OWN: Readonly<Record<string, readonly string[]>> = {
    seal: ['create'],
    receive: ['create', 'destroy'],
    unseal: ['read'],
    revoke: ['destroy'],
    migrate: ['destroy', 'list'],
  };
  /** At Azure and Vault, functions of one identity share its rights. */
  const SHARED: typeof OWN = {
    ...OWN,
    seal: ['create', 'destroy'],
    revoke: ['destroy', 'list'],
  };

  test.each([
    ['google', OWN],
    ['azure', SHARED],
    ['vault', SHARED],
  ])('give each function only its right: %s', async (bodies, expected) => {
    const { template, standIns, tokensOf } = await open(
      join(folder, bodies, 'ShareVault-dev.template.json'),
      join(dir, bodies),
    );
    const rights = new Map<string, Set<string>>();
    for (const login of ['seal', 'unseal', 'revoke']) {
      const store = requireElsewhere(bodyStoreOf(partOf(template, login)));
      // a vault with a body store has no reseal
      for (const name of FUNCTIONS.filter((each) => each !== 'reseal')) {
        for (const right of await bodyRights(standIns, store, tokensOf(name))) {
          rights.set(name, (rights.get(name) ?? new Set()).add(right));
        }
      }
    }

    const found = Object.fromEntries([...rights].map(([name, each]) => [name, [...each].sort()]));
    expect(found).toEqual(expected);
  });
});

function requireElsewhere(store: BodyStoreDescription | undefined) {
  if (store === undefined || store.type === 'secrets-manager') throw new Error('expected a store elsewhere, got none');
  return store;
}
