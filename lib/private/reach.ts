import { type BodyStoreDescription, type OtherKeyDescription, tokenAudience } from '../../lambda/contract/elsewhere';
import { Annotations } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { placesOf } from '../../lambda/contract/elsewhere-hosts';
import type { BodyStore } from '../body-store';
import type { BodyStoreOptions } from '../body-store-options';
import type { ExternalKey } from '../external-key';
import type { RecordKeyOptions } from '../record-key-options';
import type { Identity } from './elsewhere';
import { requireBodyStore } from './function-bodies';
import { functionName } from './names';
import { externalKeysOf } from './record-keys';
import { externalRetiringKeys } from './retiring-keys';

/** What the functions of a vault must reach outside AWS, and whether they get tokens for it. */
export interface Reach {
  readonly destinations: string[];
  readonly identityTokens: boolean;
  /** Whether functions log in at Google Cloud by signed requests. */
  readonly signsForGoogle: boolean;
}

/** Returns what a vault's functions must reach for its keys and its body store. */
export function reachOf(options: RecordKeyOptions & BodyStoreOptions): Reach {
  const { bodyStore } = options;
  if (bodyStore !== undefined) requireBodyStore(bodyStore);
  const keys = calledKeys(options).map((key) => key._describe('seal'));
  // the ARN is irrelevant here
  const store = bodyStore?._describe('seal', '');
  const logins = [...keys, ...(store && store.type !== 'secrets-manager' ? [store] : [])];
  requireOwnAudiences(logins);
  requireSeparateIdentities(options);
  return {
    destinations: [...new Set(logins.flatMap(placesOf))],
    identityTokens: logins.some((login) => tokenAudience(login) !== undefined),
    signsForGoogle: logins.some((login) => 'method' in login && login.method === 'signature'),
  };
}

/** Returns the keys outside AWS that functions call, those that only open included. */
function calledKeys(options: RecordKeyOptions): readonly ExternalKey[] {
  return [...new Set([...externalKeysOf(options), ...externalRetiringKeys(options)])];
}

type Login = OtherKeyDescription | Exclude<BodyStoreDescription, { readonly type: 'secrets-manager' }>;

/** Throws if two services accept the same token: one that gets it could act at the other as the function. */
function requireOwnAudiences(logins: readonly Login[]): void {
  const owners = new Map<string, string>();
  for (const login of logins) {
    const audience = tokenAudience(login);
    if (audience === undefined) continue;
    // Google's audiences name a pool, and Azure has one audience for all of its services
    const owner = 'address' in login ? login.address : audience;
    const other = owners.get(audience) ?? owner;
    if (other !== owner) {
      throw new Error(`audience: expected another one for each Vault, got ${audience} for ${other} and ${owner}`);
    }
    owners.set(audience, owner);
  }
}

/** Throws if functions with different rights have one identity at a service: each could do what the other one does. */
function requireSeparateIdentities(options: RecordKeyOptions & BodyStoreOptions): void {
  const users = new Map<string, Identity>();
  for (const identity of ['seal', 'unseal', 'destroy'] as const) {
    const keys = identity === 'destroy' ? [] : calledKeys(options).map((key) => key._describe(identity));
    const store = options.bodyStore?._describe(identity, '');
    for (const name of [...keys, ...(store ? [store] : [])].flatMap((each) => identityOf(each) ?? [])) {
      const other = users.get(name) ?? identity;
      if (other !== identity) {
        throw new Error(`identities: expected another one to ${identity} than to ${other}, got ${name} for both`);
      }
      users.set(name, identity);
    }
  }
}

/** Returns the name of an identity at Azure or a Vault; Google Cloud knows functions by their AWS roles. */
function identityOf(description: OtherKeyDescription | BodyStoreDescription): string | undefined {
  if ('client' in description) return `${description.client} of ${description.tenant}`;
  if (!('address' in description)) return undefined;
  const { login, address, namespace } = description;
  return `${login.role} of ${[address, namespace, login.mount].filter(Boolean).join('/')}`;
}

/** Warns of what a body store costs with its most records. */
export function warnOfCost(scope: Construct, { _cost }: BodyStore): void {
  if (_cost !== undefined) Annotations.of(scope).addWarningV2('cdk-share-vault:bodyStoreCost', `bodyStore: ${_cost}`);
}

/**
 * Tells how long the ARN of a function's session can be, which signed requests prove: Google Cloud refuses it as a
 * subject unless its provider maps a part of it.
 */
export function informOfSessions(scope: Construct, environment: string): void {
  const session = `arn:aws:sts::123456789012:assumed-role/${'r'.repeat(64)}/${functionName(environment, 'receive')}`;
  Annotations.of(scope).addInfoV2(
    'cdk-share-vault:googleSubject',
    `the ARN of a function's session has up to ${session.length} bytes, and Google Cloud accepts a subject of 127: map google.subject to the role's name, as docs/keys/google.md shows`,
  );
}
