import { join } from 'node:path';
import { AwsError } from '../errors';
import { Faults } from '../faults';
import type { JsonService } from '../json-protocol';
import type { AwsCall } from '../service';
import { aliasOperations } from './aliases';
import { dataOperations } from './data';
import { DRY_RUNS, dryRun } from './dry-run';
import { importOperations } from './import';
import { lifecycleOperations } from './lifecycle';
import type { Operations } from './operation';
import type { Rotated } from './rotated';
import { rotationOperations } from './rotation';
import { KeyStore } from './store';
import { keyIdOf } from './symmetric';

export interface LocalKmsOptions {
  /** keys are stored in its folder `kms`; only the owner may enter that folder */
  readonly dataDir: string;
  readonly region?: string;
  /** 12 digits */
  readonly account?: string;
  /** the clock for waiting periods and rotations */
  readonly now?: () => Date;
}

/** A call as CloudTrail would record it, without plaintext or ciphertext. */
export interface KmsCall {
  readonly operation: string;
  /** the response's KeyId, otherwise the request's */
  readonly keyId: string | undefined;
  readonly encryptionContext: Readonly<Record<string, string>> | undefined;
  readonly accessKeyId: string;
  readonly at: Date;
  /** `ok`, an error's name, or `dropped` */
  readonly result: string;
}

/** Maximum number of recorded calls; the oldest are dropped. */
const CALLS = 10_000;

/**
 * Emulates AWS KMS with real cryptography: symmetric and RSA encryption keys, their states and rotation, and AWS's
 * error names. It has no policies and no grants, gets its aliases from a deployment, and stores key material
 * unencrypted in files.
 */
export class LocalKms implements JsonService {
  readonly targetPrefix = 'TrentService';
  readonly internalError = 'KMSInternalException';
  readonly faults = new Faults();
  /** the recorded calls, oldest first */
  readonly calls: KmsCall[] = [];
  readonly #store: KeyStore;
  readonly #operations: ReadonlyMap<string, Operations[string]>;

  constructor({ dataDir, region = 'us-east-1', account = '111122223333', now = () => new Date() }: LocalKmsOptions) {
    this.#store = new KeyStore({ dir: join(dataDir, 'kms'), region, account, now });
    this.#operations = new Map(
      [lifecycleOperations, aliasOperations, dataOperations, rotationOperations, importOperations()].flatMap(
        (operations) => Object.entries(operations),
      ),
    );
  }

  handle({ operation, input }: AwsCall): object | Promise<object> {
    const run = this.#operations.get(operation);
    if (run === undefined) throw new AwsError('UnknownOperationException', `no operation ${operation}`);
    return DRY_RUNS.has(operation) ? dryRun(run, input, this.#store) : run(input, this.#store);
  }

  /** Sets the listener of rotations, automatic ones and those on demand. */
  onRotated(listener: (rotated: Rotated) => void): void {
    this.#store.onRotated = listener;
  }

  /** Adds an alias, `alias/NAME`, for a key. Aliases aren't stored. */
  alias(name: string, keyId: string): void {
    this.#store.alias(name, keyId);
  }

  /** Returns the ARN of the key of an alias (name or ARN) or of a ciphertext in base64; undefined if there is none. */
  arnOf(reference: { readonly alias: string } | { readonly ciphertext: string }): string | undefined {
    if ('alias' in reference) return this.#store.byAlias(reference.alias)?.arn;
    const id = keyIdOf(Buffer.from(reference.ciphertext, 'base64'));
    return id === undefined ? undefined : this.#store.byId(id)?.arn;
  }

  ended({ operation, input, accessKeyId }: AwsCall, at: Date, result: string, output?: object): void {
    const keyId = textMember(output, 'KeyId') ?? textMember(input, 'KeyId');
    this.calls.push({ operation, keyId, encryptionContext: contextOf(input), accessKeyId, at, result });
    if (this.calls.length > CALLS) this.calls.shift();
  }
}

function member(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null
    ? Object.entries(value).find(([key]) => key === name)?.[1]
    : undefined;
}

function textMember(value: unknown, name: string): string | undefined {
  const found = member(value, name);
  return typeof found === 'string' ? found : undefined;
}

function contextOf(input: unknown): Readonly<Record<string, string>> | undefined {
  const context = member(input, 'EncryptionContext');
  if (typeof context !== 'object' || context === null) return undefined;
  return Object.fromEntries(
    Object.entries(context).filter((pair): pair is [string, string] => typeof pair[1] === 'string'),
  );
}
