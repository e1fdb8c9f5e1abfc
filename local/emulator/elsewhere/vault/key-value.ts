import * as v from 'valibot';
import { StateFile } from '../state-file';
import { type Capability, type EngineRequest, type Input, type SecretsEngine, capabilityOfMethod } from './engine';
import { vaultErrors } from './errors';

interface Entry {
  readonly createdAt: string;
  /** the values of versions 1, 2, … */
  readonly versions: Input[];
}

const ENTRIES = v.record(
  v.string(),
  v.strictObject({ createdAt: v.string(), versions: v.array(v.record(v.string(), v.unknown())) }),
);

const EXISTS = 'check-and-set parameter did not match the current version';

/** The key-value engine, version 2: `data` with versions and check-and-set, `metadata` with lists and deletion. */
export class KeyValue implements SecretsEngine {
  readonly #entries: Map<string, Entry>;
  readonly #file: StateFile<typeof ENTRIES> | undefined;

  /** Time after which versions are deleted by themselves, in milliseconds: none by default. */
  deleteVersionAfterMs: number | undefined;

  /** @param path of the file of its entries @default - in memory only */
  constructor(path?: string) {
    this.#file = path === undefined ? undefined : new StateFile(path, ENTRIES);
    this.#entries = new Map(Object.entries(this.#file?.read() ?? {}));
  }

  /** A new entry needs `create`, a further version `update`. */
  capabilityOf({ method, path }: EngineRequest): Capability {
    const [kind, name] = split(path);
    const writes = method === 'POST' || method === 'PUT';
    return kind === 'data' && writes && !this.#entries.has(name) ? 'create' : capabilityOfMethod(method);
  }

  respond({ method, path, input, query }: EngineRequest): object | undefined {
    const [kind, name] = split(path);
    switch (`${method} ${kind}`) {
      case 'POST data':
      case 'PUT data':
        return this.#write(name, input);
      case 'GET data':
        return this.#read(name, query.get('version'));
      case 'LIST metadata':
        return this.#list(name);
      case 'GET metadata':
        return this.#describe(name);
      case 'DELETE metadata':
        this.#entries.delete(name);
        this.#save();
        return undefined;
      default:
        throw vaultErrors.unsupported();
    }
  }

  #write(name: string, { data, options }: Input): object {
    const entry = this.#entries.get(name) ?? { createdAt: new Date().toISOString(), versions: [] };
    const cas = typeof options === 'object' && options !== null && 'cas' in options ? options.cas : undefined;
    if (cas !== undefined && cas !== entry.versions.length) throw vaultErrors.badRequest(EXISTS);
    if (typeof data !== 'object' || data === null) throw vaultErrors.badRequest('no data provided');
    entry.versions.push({ ...data });
    this.#entries.set(name, entry);
    this.#save();
    return this.#metadataOf(entry, entry.versions.length);
  }

  #save(): void {
    this.#file?.write(Object.fromEntries(this.#entries));
  }

  #read(name: string, requested: string | null): object {
    const entry = this.#entries.get(name);
    const version = requested === null ? (entry?.versions.length ?? 0) : Number(requested);
    const data = entry?.versions[version - 1];
    if (entry === undefined || data === undefined) throw vaultErrors.missing();
    return { data, metadata: this.#metadataOf(entry, version) };
  }

  #metadataOf(entry: Entry, version: number): object {
    const deletion_time = deletionTime(entry, this.deleteVersionAfterMs);
    return { created_time: entry.createdAt, custom_metadata: null, deletion_time, destroyed: false, version };
  }

  #list(folder: string): object {
    const names = [...this.#entries.keys()].filter((name) => name.startsWith(`${folder}/`));
    const keys = [...new Set(names.map((name) => name.slice(folder.length + 1).replace(/\/.*$/, '/')))];
    if (keys.length === 0) throw vaultErrors.missing();
    return { keys };
  }

  #describe(name: string): object {
    const entry = this.#entries.get(name);
    if (entry === undefined) throw vaultErrors.missing();
    return { created_time: entry.createdAt, current_version: entry.versions.length };
  }
}

function split(path: string): readonly [kind: string, name: string] {
  const slash = path.indexOf('/');
  return [path.slice(0, Math.max(slash, 0)), path.slice(slash + 1)];
}

function deletionTime({ createdAt }: Entry, afterMs: number | undefined): string {
  return afterMs === undefined ? '' : new Date(Date.parse(createdAt) + afterMs).toISOString();
}
