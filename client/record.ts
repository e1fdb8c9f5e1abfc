import { inspect } from 'node:util';
import type { MaterialName } from '../lambda/contract/kinds';
import type { UnsealResponse } from '../lambda/contract/responses';

export type RecordFacts = Pick<UnsealResponse, 'recordId' | 'kind' | 'publicKey' | 'accessCount'>;

/**
 * An opened record. Its materials are bytes; `dispose()`, or the end of a block with `using`, overwrites them. Copies of
 * them, above all strings, stay in memory. Printed in any way, a record shows its id and its facts, and no material.
 */
export class UnsealedRecord implements Disposable {
  /** UUID */
  readonly recordId: string;
  readonly kind: UnsealResponse['kind'];
  /** the wallet's public key or address, as it was sealed */
  readonly publicKey: string | undefined;
  /** how often this record was opened, this time included */
  readonly accessCount: number;
  #materials: ReadonlyMap<MaterialName, Uint8Array> | undefined;

  constructor(facts: RecordFacts, materials: ReadonlyMap<MaterialName, Uint8Array>) {
    this.recordId = facts.recordId;
    this.kind = facts.kind;
    this.publicKey = facts.publicKey;
    this.accessCount = facts.accessCount;
    this.#materials = materials;
  }

  /** Throws `ReferenceError` once the record was disposed. */
  get delegatedShare(): Uint8Array {
    return this.#material('delegatedShare');
  }

  /** Throws `ReferenceError` once the record was disposed. */
  get walletApiKey(): Uint8Array {
    return this.#material('walletApiKey');
  }

  /** Overwrites the materials with zeros and releases them. Another call does nothing. */
  dispose(): void {
    for (const material of this.#materials?.values() ?? []) material.fill(0);
    this.#materials = undefined;
  }

  [Symbol.dispose](): void {
    this.dispose();
  }

  /** Returns the facts without the materials. */
  toJSON(): RecordFacts {
    const { recordId, kind, publicKey, accessCount } = this;
    return { recordId, kind, accessCount, ...(publicKey !== undefined && { publicKey }) };
  }

  toString(): string {
    return `UnsealedRecord ${this.recordId}`;
  }

  [inspect.custom](): string {
    return `UnsealedRecord ${inspect(this.toJSON())}`;
  }

  #material(name: MaterialName): Uint8Array {
    const material = this.#materials?.get(name);
    if (material === undefined)
      throw new ReferenceError(`expected a record that holds its ${name}, got a disposed one`);
    return material;
  }
}
