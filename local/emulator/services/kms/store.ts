import { randomUUID } from 'node:crypto';
import { readFileSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { wipe } from '../../wipe';
import { privateFolder, writePrivately } from '../files';
import { kmsErrors } from './errors';
import { decodeKey, encodeKey } from './file';
import type { Key, KeyMaterial, KeySpec } from './key';
import type { Rotated } from './rotated';

export interface StoreOptions {
  /** folder with one file for each key */
  readonly dir: string;
  readonly region: string;
  readonly account: string;
  readonly now: () => Date;
}

/** The keys of one account in one region. A changed key must be saved; saved keys survive a restart. */
export class KeyStore {
  readonly now: () => Date;
  /** receives each rotation of a key */
  onRotated: ((rotated: Rotated) => void) | undefined;
  readonly #dir: string;
  readonly #arnPrefix: string;
  readonly #keys = new Map<string, Key>();
  /** by `alias/NAME` */
  readonly #aliases = new Map<string, { readonly id: string; readonly since: Date }>();

  constructor({ dir, region, account, now }: StoreOptions) {
    this.now = now;
    this.#dir = dir;
    this.#arnPrefix = `arn:aws:kms:${region}:${account}:key/`;
    privateFolder(dir);
    for (const name of readdirSync(dir).filter((file) => file.endsWith('.json'))) {
      const key = decodeKey(join(dir, name), readFileSync(join(dir, name)));
      this.#keys.set(key.id, key);
    }
  }

  add(key: Pick<Key, 'origin' | 'description'> & { readonly spec: KeySpec }, material?: KeyMaterial): Key {
    const id = randomUUID();
    const created: Key = {
      ...key,
      id,
      arn: this.#arnPrefix + id,
      createdAt: this.now(),
      enabled: true,
      materials: material === undefined ? [] : [material],
      rotationsOnDemand: 0,
    };
    this.save(created);
    this.#keys.set(id, created);
    return created;
  }

  save(key: Key): void {
    writePrivately(this.#file(key.id), encodeKey(key));
  }

  /** Returns a key by id, ARN or alias. Throws `NotFoundException`. */
  find(keyId: string): Key {
    const id = keyId.startsWith(this.#arnPrefix) ? keyId.slice(this.#arnPrefix.length) : keyId;
    const key = this.byId(id) ?? this.byAlias(keyId);
    if (key === undefined) throw kmsErrors.notFound(describe(keyId));
    return key;
  }

  /** Adds an alias. Aliases aren't stored: add them at every start. */
  alias(name: string, keyId: string): void {
    this.#aliases.set(name, { id: this.find(keyId).id, since: this.now() });
  }

  /** Returns all aliases, by their names. */
  aliases(): readonly { readonly name: string; readonly arn: string; readonly key: Key; readonly since: Date }[] {
    this.#removeDue();
    return [...this.#aliases].flatMap(([name, { id, since }]) => {
      const key = this.#keys.get(id);
      return key === undefined ? [] : [{ name, arn: this.#arnPrefix.replace(/key\/$/, name), key, since }];
    });
  }

  /** Returns a key by an alias's name or ARN. */
  byAlias(alias: string): Key | undefined {
    const ofAccount = this.#arnPrefix.replace(/key\/$/, '');
    const known = this.#aliases.get(alias.startsWith(ofAccount) ? alias.slice(ofAccount.length) : alias);
    return known && this.byId(known.id);
  }

  byId(id: string): Key | undefined {
    this.#removeDue();
    return this.#keys.get(id);
  }

  all(): readonly Key[] {
    this.#removeDue();
    return [...this.#keys.values()];
  }

  /** Removes keys, with their files, after their waiting period. */
  #removeDue(): void {
    for (const key of this.#keys.values()) {
      if (key.deletionAt === undefined || key.deletionAt > this.now()) continue;
      rmSync(this.#file(key.id), { force: true });
      this.#keys.delete(key.id);
      wipe(...key.materials.map(({ bytes }) => bytes));
    }
  }

  #file(id: string): string {
    return join(this.#dir, `${id}.json`);
  }
}

function describe(keyId: string): string {
  return /^(alias\/|arn:.*:alias\/)/.test(keyId) ? `Alias '${keyId}'` : `Key '${keyId}'`;
}
