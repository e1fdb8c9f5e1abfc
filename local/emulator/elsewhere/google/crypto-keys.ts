import { randomBytes } from 'node:crypto';
import type { Clock } from '../../signature';
import type { CryptoKey, KeyVersion, VersionState } from './crypto-key';
import { GoogleError } from './google-error';
import type { KeyFile } from './key-file';

const NAME = /^projects\/[^/]+\/locations\/[^/]+\/keyRings\/[^/]+\/cryptoKeys\/[A-Za-z0-9_-]{1,63}$/;

/** The keys of Cloud KMS, and what an operator does to them; callers of the vault reach only operations. */
export class CryptoKeys {
  readonly #keys = new Map<string, CryptoKey>();
  readonly #now: Clock;
  readonly #file: KeyFile | undefined;

  /** @param file keeps the keys over a restart @default - in memory only */
  constructor(now: Clock, file?: KeyFile) {
    this.#now = now;
    this.#file = file;
    for (const key of file?.read() ?? []) this.#keys.set(key.name, key);
  }

  /** Creates a key with one version, unless it exists. */
  ensure(name: string): void {
    if (!NAME.test(name)) throw new TypeError('expected the resource name of a key, got something else');
    if (this.#keys.has(name)) return;
    this.#keys.set(name, { name, versions: [] });
    this.rotate(name);
  }

  /** Adds a version, which becomes the primary one. Earlier versions go on decrypting. */
  rotate(name: string): void {
    const { versions } = this.find(name);
    const createdAt = new Date(this.#now());
    versions.push({ number: versions.length + 1, createdAt, state: 'ENABLED', material: randomBytes(32) });
    this.#save();
  }

  /** Sets the state of a version, or of all. The material of a destroyed version is overwritten. */
  setState(name: string, state: VersionState, number?: number): void {
    for (const version of this.find(name).versions) {
      if (number !== undefined && version.number !== number) continue;
      version.state = state;
      if (state === 'DESTROYED') version.material.fill(0);
    }
    this.#save();
  }

  /** Throws `NOT_FOUND`. */
  find(name: string): CryptoKey {
    const key = this.#keys.get(name);
    if (key === undefined) throw new GoogleError('NOT_FOUND', `CryptoKey ${name} not found.`);
    return key;
  }

  #save(): void {
    this.#file?.write([...this.#keys.values()]);
  }
}

/** Throws `FAILED_PRECONDITION` for a version that is not enabled. */
export function requireEnabled({ name }: CryptoKey, { number, state }: KeyVersion): void {
  if (state === 'ENABLED') return;
  const message = `${name}/cryptoKeyVersions/${number} is not enabled, current state is: ${state}.`;
  throw new GoogleError('FAILED_PRECONDITION', message);
}

export function primaryOf({ name, versions }: CryptoKey): KeyVersion {
  const primary = versions.at(-1);
  if (primary === undefined) throw new GoogleError('FAILED_PRECONDITION', `${name} has no primary version.`);
  return primary;
}
