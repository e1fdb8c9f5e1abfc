import { types } from 'node:util';
import type { IntakeKey, IntakeKeyOption } from './intake-key';
import { readIntakeKeyList } from './intake-key';
import type { SealInput } from './requests';

/** Fetches the intake keys when the first seal needs them. */
export type FetchIntakeKeys = () => Promise<readonly IntakeKeyOption[]>;

/** Intake keys that are fetched once: concurrent seals share one fetch, and a failed fetch is repeated by the next seal. */
export class LazyIntakeKeys {
  #fetched: Promise<readonly IntakeKey[]> | undefined;

  constructor(private readonly fetch: FetchIntakeKeys) {}

  /** Throws the signal's reason if it aborts first; the fetch goes on for the other callers. */
  async get(signal: AbortSignal | undefined): Promise<readonly IntakeKey[]> {
    signal?.throwIfAborted();
    const fetched = (this.#fetched ??= this.#fetch());
    const aborted = Promise.withResolvers<never>();
    const onAbort = (): void => aborted.reject(signal?.reason);
    signal?.addEventListener('abort', onAbort, { once: true });
    try {
      return await Promise.race([fetched, aborted.promise]);
    } finally {
      signal?.removeEventListener('abort', onAbort);
    }
  }

  #fetch(): Promise<readonly IntakeKey[]> {
    const read = async (): Promise<readonly IntakeKey[]> => readIntakeKeyList(await this.fetch());
    const fetched = read();
    // later than the assignment above, also for a function that throws at once
    fetched.catch(() => {
      this.#fetched = undefined;
    });
    return fetched;
  }
}

/** Inputs whose materials are copies. */
export interface HeldInputs {
  readonly inputs: readonly SealInput[];
  /** overwrites the copies */
  readonly wipe: () => void;
}

/** Copies the materials of inputs, since their caller may overwrite them once a seal has returned its promise. */
export function holdMaterials(inputs: readonly SealInput[]): HeldInputs {
  const copies: Uint8Array[] = [];
  const copyOf = (value: unknown): unknown => {
    // anything else is refused when it is encrypted
    if (!types.isUint8Array(value)) return value;
    const copy = Buffer.allocUnsafeSlow(value.length);
    copy.set(value);
    copies.push(copy);
    return copy;
  };
  const held = inputs.map((input) => {
    const given: unknown = input;
    const materials = isObject(given) && 'materials' in given ? given.materials : undefined;
    if (!isObject(materials)) return input;
    const own = Object.fromEntries(Object.entries(materials).map(([name, value]) => [name, copyOf(value)]));
    return { ...input, materials: own } as SealInput;
  });
  return { inputs: held, wipe: () => copies.forEach((copy) => copy.fill(0)) };
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
