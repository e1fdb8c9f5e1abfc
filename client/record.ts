import { inspect } from 'node:util';
import { KINDS, type Kind, MATERIALS, type MaterialName } from '../lambda/contract/kinds';
import type { UnsealResponse } from '../lambda/contract/responses';

export type RecordFacts = Pick<UnsealResponse, 'recordId' | 'kind' | 'publicKey' | 'accessCount' | 'propertiesChanged'>;

/**
 * An opened record. Its materials are bytes; `dispose()`, or the end of a block with `using` or `await using`, overwrites
 * them. Copies of them, above all strings, stay in memory. Printed in any way, a record shows its id and its facts, and no
 * material. Reading a material throws `ReferenceError` once the record was disposed, and if the record's kind has none.
 */
export class UnsealedRecord implements Disposable, AsyncDisposable {
  /** UUID */
  readonly recordId: string;
  readonly kind: Kind;
  /** the wallet's public key or address, as it was sealed */
  readonly publicKey: string | undefined;
  /** how often this record was opened, this time included */
  readonly accessCount: number;
  /** whether the record was sealed under other wallet properties than the wallet has now; undefined if the vault does not report it */
  readonly propertiesChanged: boolean | undefined;
  #materials: ReadonlyMap<MaterialName, Uint8Array> | undefined;

  constructor(facts: RecordFacts, materials: ReadonlyMap<MaterialName, Uint8Array>) {
    this.recordId = facts.recordId;
    this.kind = facts.kind;
    this.publicKey = facts.publicKey;
    this.accessCount = facts.accessCount;
    this.propertiesChanged = facts.propertiesChanged;
    this.#materials = materials;
  }

  /** of a delegated share */
  get delegatedShare(): Uint8Array {
    return this.#material('delegatedShare');
  }

  /** of a delegated share */
  get walletApiKey(): Uint8Array {
    return this.#material('walletApiKey');
  }

  /** of server key shares: the serialized list, byte for byte */
  get serverKeyShares(): Uint8Array {
    return this.#material('serverKeyShares');
  }

  /** Overwrites the materials with zeros and releases them. Another call does nothing. */
  dispose(): void {
    for (const material of this.#materials?.values() ?? []) material.fill(0);
    this.#materials = undefined;
  }

  [Symbol.dispose](): void {
    this.dispose();
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.dispose();
    return Promise.resolve();
  }

  /** Returns the facts without the materials. */
  toJSON(): RecordFacts {
    const { recordId, kind, publicKey, accessCount, propertiesChanged } = this;
    return {
      recordId,
      kind,
      accessCount,
      ...(publicKey !== undefined && { publicKey }),
      ...(propertiesChanged !== undefined && { propertiesChanged }),
    };
  }

  toString(): string {
    return `UnsealedRecord ${this.recordId}`;
  }

  [inspect.custom](): string {
    return `UnsealedRecord ${inspect(this.toJSON())}`;
  }

  #material(name: MaterialName): Uint8Array {
    const material = this.#materials?.get(name);
    if (material !== undefined) return material;
    const holder = KINDS.find((kind) => MATERIALS[kind].some((held) => held === name));
    const got = this.kind === holder ? 'a disposed one' : this.kind;
    throw new ReferenceError(`expected a record of kind ${holder} that holds its ${name}, got ${got}`);
  }
}
