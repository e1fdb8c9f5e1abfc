import type { MaterialName } from '../../../lambda/contract/kinds';
import { GCM } from '../../../lambda/contract/limits';
import { CommandFailure, UsageError, type Values, textOf } from '../command';
import { MATERIAL_OPTIONS, materialNamed } from '../data/options';
import { type SealedMaterial, namesOf, recoveryEntries } from './materials';
import { type PrivateKey, readPrivateKey, unwrap } from './private-key';
import { readBoundedFile } from './bounded-file';

/** Where the data keys come from: a private key, or the service that has it. */
export interface DataKeySource {
  /** Returns the data key of a material. The caller wipes it. */
  readonly open: (material: SealedMaterial) => Buffer;
  /** how the record was opened, for the user */
  readonly what: string;
}

/** Reads the options. Throws `UsageError` if they don't fit together, also for a material without a data key. */
export function sourceOf(values: Values, names: readonly MaterialName[]): DataKeySource {
  const path = textOf(values, 'private-key');
  const files = dataKeyFiles(values);
  if (path === undefined && files.size === 0) throw new UsageError('expected --private-key or --data-key, got none');
  if (path !== undefined && files.size > 0) throw new UsageError('expected --private-key or --data-key, got both');
  if (path === undefined && values['passphrase-file'] !== undefined) {
    throw new UsageError('--passphrase-file: expected --private-key with it, got none');
  }
  if (path !== undefined) return byPrivateKey(readPrivateKey(values, path));
  const missing = names.find((name) => !files.has(name));
  if (missing === undefined && files.size === names.length) {
    return { open: ({ name }) => readDataKey(files.get(name) ?? ''), what: 'with its data keys' };
  }
  throw new UsageError('--data-key: expected one for each material that is written, got others');
}

function byPrivateKey(key: PrivateKey): DataKeySource {
  return {
    open: (material) => {
      const entries = recoveryEntries(material);
      const entry = entries.find(({ info }) => info.endsWith(` SHA256:${key.fingerprint}`));
      if (entry !== undefined) return unwrap(key, entry.wrapped);
      throw new CommandFailure(
        `expected a record that is wrapped to this key, SHA256:${key.fingerprint}, got one wrapped to ${namesOf(entries)}`,
      );
    },
    what: `with the recovery key SHA256:${key.fingerprint}`,
  };
}

/** Reads `--data-key MATERIAL=FILE`, once for each material. */
function dataKeyFiles(values: Values): ReadonlyMap<MaterialName, string> {
  const files = new Map<MaterialName, string>();
  const given = values['data-key'];
  for (const text of Array.isArray(given) ? given.map(String) : []) {
    const at = text.indexOf('=');
    if (at === -1) throw new UsageError('--data-key: expected MATERIAL=FILE, got something else');
    const name = materialNamed('data-key', text.slice(0, at));
    if (files.has(name)) throw new UsageError(`--data-key: expected ${MATERIAL_OPTIONS[name]} once, got it twice`);
    files.set(name, text.slice(at + 1));
  }
  return files;
}

function readDataKey(path: string): Buffer {
  const bytes = readBoundedFile('data-key', path, GCM.keyBytes);
  if (bytes.length === GCM.keyBytes) return bytes;
  bytes.fill(0);
  throw new UsageError(`--data-key: expected a file of ${GCM.keyBytes} bytes, got a shorter one`);
}
