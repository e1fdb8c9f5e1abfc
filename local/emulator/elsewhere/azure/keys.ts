import { azureErrors } from './azure-error';
import { generateMaterial } from './cipher';
import { type Key, type KeySpec, type KeyVersion, newVersionName, type Operation, OPERATIONS } from './key';
import type { KeyFile } from './key-file';

export interface KeysOptions {
  /** `https://NAME.vault.azure.net` */
  readonly url: string;
  /** a deleted key can't be purged */
  readonly purgeProtection: boolean;
  readonly now: () => Date;
  /** @default - in memory only */
  readonly file?: KeyFile | undefined;
}

export interface NewKey {
  readonly name: string;
  readonly spec: KeySpec;
  /** @default - all that the type has */
  readonly operations?: readonly Operation[];
  /** an imported key's: 32 bytes, or a private key as PKCS #8 DER @default - generated */
  readonly material?: Buffer;
}

/** The keys of one vault. Administration that an operator does at Azure's portal; callers reach only operations. */
export class Keys {
  readonly #options: KeysOptions;
  readonly #keys = new Map<string, Key>();

  constructor(options: KeysOptions) {
    this.#options = options;
    for (const key of options.file?.read() ?? []) this.#keys.set(idOf(key.name), key);
  }

  /** Creates a key with one version and returns its versioned id. Throws `Conflict` for the name of a deleted key. */
  async create({ name, spec, operations, material }: NewKey): Promise<string> {
    if (this.#keys.has(idOf(name))) throw azureErrors.deletedButRecoverable(name);
    const supported = spec.kty === 'oct-HSM' ? (['encrypt', 'decrypt'] as const) : OPERATIONS;
    const key: Key = { name, spec, operations: operations ?? supported, versions: [] };
    this.#keys.set(idOf(name), key);
    return this.#addVersion(key, material === undefined ? await generateMaterial(spec) : Buffer.from(material));
  }

  /** Adds a version and returns its id. Earlier versions go on working. */
  async rotate(name: string): Promise<string> {
    const key = this.#find(name);
    return this.#addVersion(key, await generateMaterial(key.spec));
  }

  /** Makes sure that a version exists under its name, of a key that exists or is created now. */
  async ensure({ name, spec, version }: Pick<NewKey, 'name' | 'spec'> & { readonly version: string }): Promise<void> {
    const supported = spec.kty === 'oct-HSM' ? (['encrypt', 'decrypt'] as const) : OPERATIONS;
    const key = this.#keys.get(idOf(name)) ?? { name, spec, operations: supported, versions: [] };
    if (key.versions.some((each) => each.version === version)) return;
    const material = await generateMaterial(key.spec);
    key.versions.push({ version, createdAt: this.#options.now(), material, enabled: true });
    this.#keys.set(idOf(name), key);
    this.#save();
  }

  /** Enables or disables all versions of a key. */
  setEnabled(name: string, enabled: boolean): void {
    for (const version of this.#find(name).versions) version.enabled = enabled;
    this.#save();
  }

  /** Deletes a key softly: it can be recovered until it is purged, and its name is taken. */
  delete(name: string): void {
    this.#find(name).deletedAt = this.#options.now();
    this.#save();
  }

  recover(name: string): void {
    this.#deleted(name).deletedAt = undefined;
    this.#save();
  }

  /** Destroys a deleted key. Throws `Conflict` under purge protection. */
  purge(name: string): void {
    const key = this.#deleted(name);
    if (this.#options.purgeProtection) throw azureErrors.purgeProtected();
    for (const { material } of key.versions) material.fill(0);
    this.#keys.delete(idOf(name));
    this.#save();
  }

  /** Returns a key's version, the newest by default. Throws `KeyNotFound` for another, and for a deleted key. */
  find(name: string, version?: string): { readonly key: Key; readonly version: KeyVersion } {
    const key = this.#find(name);
    const found = version === undefined ? key.versions.at(-1) : key.versions.find((each) => each.version === version);
    if (found === undefined) throw azureErrors.keyNotFound(`${name}/${version ?? ''}`);
    return { key, version: found };
  }

  /** Returns the versioned id: a `kid`. */
  idOf(key: Key, version: KeyVersion): string {
    return `${this.#options.url}/keys/${key.name}/${version.version}`;
  }

  #addVersion(key: Key, material: Buffer): string {
    const version = { version: newVersionName(), createdAt: this.#options.now(), material, enabled: true };
    key.versions.push(version);
    this.#save();
    return this.idOf(key, version);
  }

  #find(name: string): Key {
    const key = this.#keys.get(idOf(name));
    if (key === undefined || key.deletedAt !== undefined) throw azureErrors.keyNotFound(name);
    return key;
  }

  #deleted(name: string): Key {
    const key = this.#keys.get(idOf(name));
    if (key?.deletedAt === undefined) throw azureErrors.keyNotFound(name);
    return key;
  }

  #save(): void {
    this.#options.file?.write([...this.#keys.values()]);
  }
}

/** Key Vault compares names without case. */
function idOf(name: string): string {
  return name.toLowerCase();
}
