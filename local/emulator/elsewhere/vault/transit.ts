import { type Capability, type EngineRequest, type Input, type SecretsEngine, capabilityOfMethod, textOf } from './engine'; // prettier-ignore
import { vaultErrors } from './errors';
import {
  type TransitKey,
  createTransitKey,
  decodeBase64,
  decryptTransit,
  encryptTransit,
  rotateTransitKey,
} from './transit-key';

/** One operation of the transit engine, by its method and path; the path's pattern has the key's name as its group. */
interface Operation {
  readonly methods: readonly string[];
  readonly path: RegExp;
  readonly respond: (name: string, input: Input) => object | undefined;
}

const WRITE = ['POST', 'PUT'];

/** The transit engine with keys of type `aes256-gcm96`: encrypt, decrypt, and what operators do with keys. */
export class Transit implements SecretsEngine {
  readonly #keys: Map<string, TransitKey>;
  readonly #changed: (keys: readonly TransitKey[]) => void;

  readonly #operations: readonly Operation[] = [
    { methods: WRITE, path: /^encrypt\/([\w-]+)$/, respond: (name, input) => this.#encrypt(name, input) },
    { methods: WRITE, path: /^decrypt\/([\w-]+)$/, respond: (name, input) => this.#decrypt(name, input) },
    { methods: ['GET'], path: /^keys\/([\w-]+)$/, respond: (name) => describeKey(this.#existing(name)) },
    { methods: ['LIST'], path: /^keys$/, respond: () => ({ keys: [...this.#keys.keys()].sort() }) },
    { methods: WRITE, path: /^keys\/([\w-]+)$/, respond: (name, input) => this.#create(name, input) },
    { methods: WRITE, path: /^keys\/([\w-]+)\/rotate$/, respond: (name) => this.rotate(name) },
    { methods: WRITE, path: /^keys\/([\w-]+)\/config$/, respond: (name, input) => this.configure(name, input) },
    { methods: ['DELETE'], path: /^keys\/([\w-]+)$/, respond: (name) => this.delete(name) },
  ];

  /**
   * @param keys as an earlier run left them
   * @param changed gets all keys when one of them is made, changed or deleted
   */
  constructor(keys: readonly TransitKey[] = [], changed: (keys: readonly TransitKey[]) => void = () => undefined) {
    this.#keys = new Map(keys.map((key) => [key.name, key]));
    this.#changed = changed;
  }

  /** `encrypt` needs `create` for a key that does not exist, and would make it. */
  capabilityOf({ method, path }: EngineRequest): Capability {
    const name = /^encrypt\/(.+)$/.exec(path)?.[1];
    if (name !== undefined && WRITE.includes(method)) return this.#keys.has(name) ? 'update' : 'create';
    return capabilityOfMethod(method);
  }

  respond({ method, path, input }: EngineRequest): object | undefined {
    for (const operation of this.#operations) {
      const found = operation.methods.includes(method) ? operation.path.exec(path) : null;
      if (found !== null) return operation.respond(found[1] ?? '', input);
    }
    throw vaultErrors.unsupported();
  }

  has(name: string): boolean {
    return this.#keys.has(name);
  }

  /** Makes a key, unless it exists. */
  create(name: string): void {
    if (this.has(name)) return;
    this.#keys.set(name, createTransitKey(name));
    this.#save();
  }

  rotate(name: string): undefined {
    rotateTransitKey(this.#existing(name));
    this.#save();
  }

  configure(name: string, input: Input): undefined {
    const key = this.#existing(name);
    const { min_decryption_version: oldest, deletion_allowed: deletable } = input;
    if (typeof oldest === 'number') key.minDecryptionVersion = oldest;
    if (typeof deletable === 'boolean') key.deletionAllowed = deletable;
    this.#save();
  }

  /** Deletes a key for good. Throws `VaultRefusal` unless its configuration allows deletion. */
  delete(name: string): undefined {
    const key = this.#keys.get(name);
    if (key === undefined)
      throw vaultErrors.badRequest(`error deleting policy ${name}: could not delete key; not found`);
    if (!key.deletionAllowed) {
      throw vaultErrors.badRequest(`error deleting policy ${name}: deletion is not allowed for this key`);
    }
    this.#keys.delete(name);
    this.#save();
  }

  #save(): void {
    this.#changed([...this.#keys.values()]);
  }

  #existing(name: string): TransitKey {
    const key = this.#keys.get(name);
    if (key === undefined) throw vaultErrors.missing();
    return key;
  }

  #create(name: string, input: Input): object {
    const type = textOf(input, 'type', 'aes256-gcm96');
    if (type !== 'aes256-gcm96') throw vaultErrors.badRequest(`unknown key type ${type}`);
    this.create(name);
    return describeKey(this.#existing(name));
  }

  #encrypt(name: string, input: Input): object {
    const plaintext = decodeBase64(textOf(input, 'plaintext'));
    if (input.plaintext === undefined) throw vaultErrors.badRequest('missing plaintext to encrypt');
    if (plaintext === undefined) throw vaultErrors.badRequest('illegal base64 data at input byte 0');
    // the policy allows `create`
    this.create(name);
    const key = this.#existing(name);
    return {
      ciphertext: encryptTransit(key, plaintext, associatedData(input)),
      key_version: key.versions.length,
    };
  }

  #decrypt(name: string, input: Input): object {
    const ciphertext = textOf(input, 'ciphertext');
    if (ciphertext === '') throw vaultErrors.badRequest('missing ciphertext to decrypt');
    const key = this.#keys.get(name);
    if (key === undefined) throw vaultErrors.badRequest('encryption key not found');
    return { plaintext: decryptTransit(key, ciphertext, associatedData(input)).toString('base64') };
  }
}

function associatedData(input: Input): Buffer {
  const bytes = decodeBase64(textOf(input, 'associated_data'));
  if (bytes === undefined) throw vaultErrors.badRequest('illegal base64 data at input byte 0');
  return bytes;
}

function describeKey({ name, versions, minDecryptionVersion, deletionAllowed }: TransitKey): object {
  return {
    name,
    type: 'aes256-gcm96',
    latest_version: versions.length,
    min_decryption_version: minDecryptionVersion,
    min_encryption_version: 0,
    deletion_allowed: deletionAllowed,
    derived: false,
    exportable: false,
    supports_encryption: true,
    supports_decryption: true,
  };
}
