import { Stack } from 'aws-cdk-lib';
import { ELSEWHERE_ENV, tokenAudience } from '../../lambda/contract/elsewhere';
import { MAX_DATA_KEYS } from '../../lambda/contract/limits';
import { recoveryKeysDigest } from '../../lambda/contract/recovery';
import { ENV } from '../../lambda/contract/variables';
import type { ExternalKey } from '../external-key';
import type { RecordKeyOptions } from '../record-key-options';
import type { RecoveryKey } from '../recovery-key';
import type { ShareKey } from '../share-key';
import { refuse, requireFlag, requireList, requireMembers } from './checks';
import type { Identity } from './elsewhere';

type Variables = Readonly<Record<string, string>>;

/** Share keys that only open. */
export interface RetiringKeys {
  readonly inAws: readonly ShareKey[];
  readonly external: readonly ExternalKey[];
}

/** The keys that can open a vault's records, as its functions need them. */
export class RecordKeys {
  public readonly recovery: readonly RecoveryKey[];
  private readonly external: readonly ExternalKey[];
  private readonly openWithOtherKeys: boolean;
  private readonly change: string | undefined;

  constructor(
    /** undefined if the first of the external keys makes the data keys */
    public readonly shareKey: ShareKey | undefined,
    /** share keys that only open */
    public readonly retiring: RetiringKeys,
    options: RecordKeyOptions,
  ) {
    const { recoveryKeys = [], recoveryKeysChange, openWithOtherKeys = false } = options;
    requireRecoveryKeys(recoveryKeys);
    requireFlag('openWithOtherKeys', openWithOtherKeys);
    this.external = externalKeysOf(options);
    this.recovery = recoveryKeys;
    this.openWithOtherKeys = openWithOtherKeys;
    const opening = this.external.length + (shareKey ? 1 : 0);
    const count = opening + recoveryKeys.length;
    if (count > MAX_DATA_KEYS) {
      const name = recoveryKeys.length > 0 ? 'recoveryKeys' : 'otherKeys';
      throw new Error(`${name}: expected at most ${MAX_DATA_KEYS} keys for records in total, got ${count}`);
    }
    if (openWithOtherKeys && opening < 2) {
      throw new Error('openWithOtherKeys: expected otherKeys together with it, got none');
    }
    this.change = recoveryKeysChange === undefined ? undefined : this.checkedChange(recoveryKeysChange);
  }

  /** Returns the digest that states the present list of recovery keys. */
  public get digest(): string {
    return recoveryKeysDigest(this.recovery.map(({ fingerprint }) => fingerprint));
  }

  /** Whether the list of recovery keys was stated. */
  public get isStated(): boolean {
    return this.change !== undefined;
  }

  /** Returns the fingerprints of the recovery keys by name. */
  public get fingerprints(): Variables {
    return Object.fromEntries(this.recovery.map(({ name, fingerprint }) => [name, fingerprint]));
  }

  /** Whether a function with an identity needs the code for keys elsewhere. */
  public needsElsewhere(identity: Identity): boolean {
    return this.hasIdentity(identity) || (identity === 'seal' && this.recovery.length > 0);
  }

  /** Whether the function that reseals, which seals and opens, needs the code for keys elsewhere. */
  public get resealNeedsElsewhere(): boolean {
    return this.needsElsewhere('seal') || this.needsElsewhere('unseal');
  }

  /** Whether the migration needs the code for keys elsewhere: also to remove the last recovery key. */
  public get migrationNeedsElsewhere(): boolean {
    return this.resealNeedsElsewhere || this.isStated;
  }

  /** Whether functions with an identity log in outside AWS. */
  public hasIdentity(identity: Identity): boolean {
    return this.calledBy(identity).length > 0;
  }

  /** Returns the audiences of the web identity tokens that functions with an identity need. */
  public audiences(identity: Identity): readonly string[] {
    return audiencesOf(this.calledBy(identity));
  }

  /** Returns the keys in AWS: the share key, and those that only open. */
  public get keysInAws(): readonly ShareKey[] {
    return [...(this.shareKey ? [this.shareKey] : []), ...this.retiring.inAws];
  }

  /** Returns the ARN of the share key, as a list for policies: empty if there is none. */
  public get shareKeyArns(): string[] {
    return this.shareKey ? [this.shareKey.keyArn] : [];
  }

  /** Returns the ARNs of the keys in AWS that open, for policies. */
  public get openingKeyArns(): string[] {
    return this.keysInAws.map(({ keyArn }) => keyArn);
  }

  /** Returns the variables of the functions that seal. */
  public sealVariables(): Variables {
    return { ...this.keyVariables('seal'), ...this.recoveryVariable() };
  }

  /** Returns the variables of the function that unseals. */
  public unsealVariables(): Variables {
    return {
      ...this.keyVariables('unseal'),
      ...this.openingVariables(this.retiring.external),
      ...this.flagVariable(),
    };
  }

  /**
   * Returns the variables of the function that reseals: it wraps as the functions that seal, and unwraps as `unseal`, also
   * what the share key sealed.
   */
  public resealVariables(): Variables {
    const own = this.shareKey ? [] : this.external.slice(0, 1);
    return { ...this.sealVariables(), ...this.openingVariables([...own, ...this.retiring.external]) };
  }

  /** Returns the variables of the function that checks restored backups: canaries are sealed under keys in AWS only. */
  public restoreCheckVariables(): Variables {
    return { ...(this.shareKey && { [ENV.shareKeyArn]: this.shareKey.keyArn }), ...this.openingVariables([]) };
  }

  /** Returns the variables of the migration, which compares the names of the keys that open and calls none of them. */
  public migrationVariables(): Variables {
    return {
      ...this.sealVariables(),
      ...this.openingVariables(this.retiring.external),
      ...this.flagVariable(),
      ...(this.change !== undefined && { [ELSEWHERE_ENV.recoveryKeysChange]: this.change }),
    };
  }

  private keyVariables(identity: Identity): Variables {
    const descriptions = this.external.map((key) => key._describe(identity));
    return {
      ...(this.shareKey && { [ENV.shareKeyArn]: this.shareKey.keyArn }),
      ...(descriptions.length > 0 && { [ELSEWHERE_ENV.otherKeys]: JSON.stringify(descriptions) }),
    };
  }

  private openingVariables(external: readonly ExternalKey[]): Variables {
    const [first] = this.retiring.inAws;
    const arns = this.retiring.inAws.map(({ keyArn }) => keyArn);
    const descriptions = external.map((key) => key._describe('unseal'));
    return {
      ...(first && { [ENV.openingKeyArns]: Stack.of(first).toJsonString(arns) }),
      ...(descriptions.length > 0 && { [ELSEWHERE_ENV.openingKeys]: JSON.stringify(descriptions) }),
    };
  }

  private flagVariable(): Variables {
    return this.openWithOtherKeys ? { [ELSEWHERE_ENV.openWithOtherKeys]: 'true' } : {};
  }

  private calledBy(identity: Identity): readonly ExternalKey[] {
    return identity === 'unseal' ? [...this.external, ...this.retiring.external] : this.external;
  }

  private recoveryVariable(): Variables {
    if (this.recovery.length === 0) return {};
    const keys = Object.fromEntries(this.recovery.map(({ name, publicKey }) => [name, publicKey]));
    return { [ELSEWHERE_ENV.recoveryKeys]: JSON.stringify(keys) };
  }

  /** Throws unless the statement is of this list: one of another list would be refused at deploy. */
  private checkedChange(change: unknown): string {
    const { digest } = this;
    return change === digest ? digest : refuse('recoveryKeysChange', `"${digest}" for this list`, change);
  }
}

/** Returns the audiences of the web identity tokens that external keys need. Both identities need the same ones. */
export function audiencesOf(keys: readonly ExternalKey[]): readonly string[] {
  return [...new Set(keys.flatMap((key) => tokenAudience(key._describe('seal')) ?? []))];
}

/** Returns whether a value is a key outside AWS. */
export function isExternalKey(key: unknown): key is ExternalKey {
  return typeof key === 'object' && key !== null && '_describe' in key && '_name' in key;
}

/** Returns the vault's keys outside AWS, in order. Throws unless they are different external keys. */
export function externalKeysOf({ shareKey, otherKeys = [] }: RecordKeyOptions): readonly ExternalKey[] {
  requireList('otherKeys', otherKeys);
  for (const key of otherKeys) if (!isExternalKey(key)) refuse('otherKeys', 'only keys such as ExternalKey.vaultTransit(…)', key); // prettier-ignore
  const keys = [...(isExternalKey(shareKey) ? [shareKey] : []), ...otherKeys];
  const twice = firstTwice(keys.map(({ _name }) => _name));
  if (twice !== undefined) throw new Error(`otherKeys: expected different keys, got ${twice} twice`);
  return keys;
}

function requireRecoveryKeys(keys: readonly RecoveryKey[]): void {
  requireList('recoveryKeys', keys);
  for (const key of keys) {
    requireMembers('recoveryKeys', key, 'only keys such as RecoveryKey.offline(…)', ['fingerprint', 'publicKey']);
  }
  requireDistinctRecoveryKeys(keys);
}

function requireDistinctRecoveryKeys(keys: readonly RecoveryKey[]): void {
  const name = firstTwice(keys.map((key) => key.name));
  if (name !== undefined) throw new Error(`recoveryKeys: expected different names, got ${name} twice`);
  const fingerprint = firstTwice(keys.map((key) => key.fingerprint));
  if (fingerprint === undefined) return;
  const names = keys.filter((key) => key.fingerprint === fingerprint).map((key) => key.name);
  throw new Error(`recoveryKeys: expected different keys, got the same one as ${names.join(' and ')}`);
}

function firstTwice(texts: readonly string[]): string | undefined {
  return texts.find((text, place) => texts.indexOf(text) < place);
}
