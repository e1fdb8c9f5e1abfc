import { type FileHandle, open } from 'node:fs/promises';
import { isatty } from 'node:tty';
import { LIMITS } from '../../../lambda/contract/limits';
import type { MaterialName } from '../../../lambda/contract/kinds';
import { CommandFailure, type Streams, UsageError, type Values, textOf } from '../command';
import { nameOf } from '../error-facts';
import { MATERIAL_NAMES, MATERIAL_OPTIONS } from './options';

/** Materials that were read. The caller wipes them. */
export type Materials = ReadonlyMap<MaterialName, Uint8Array>;

export function wipe(materials: Materials): void {
  for (const material of materials.values()) material.fill(0);
}

/** Reads each material that the options name, byte for byte. Throws if one is empty or too long; then none is left. */
export async function readMaterials(values: Values, streams: Streams): Promise<Materials> {
  const files = MATERIAL_NAMES.flatMap((name) => {
    const file = textOf(values, MATERIAL_OPTIONS[name]);
    return file === undefined ? [] : [[name, file] as const];
  });
  requireOneStdin(values);
  const materials = new Map<MaterialName, Uint8Array>();
  try {
    for (const [name, file] of files) materials.set(name, await readMaterial(MATERIAL_OPTIONS[name], file, streams));
    return materials;
  } catch (error) {
    wipe(materials);
    throw error;
  }
}

/** Throws if two options name standard input: the second would read nothing. */
function requireOneStdin(values: Values): void {
  const options = [...Object.values(MATERIAL_OPTIONS), 'properties'].filter((option) => values[option] === '-');
  if (options.length <= 1) return;
  const named = options.map((option) => `--${option}`).join(' and ');
  throw new UsageError(`expected - for one option, got it for two: ${named}`);
}

async function readMaterial(option: string, file: string, { stdin }: Streams): Promise<Uint8Array> {
  // one byte more than is allowed shows that there are more
  const buffer = Buffer.allocUnsafeSlow(LIMITS.materialBytes + 1);
  try {
    const length = file === '-' ? await fromStream(stdin, buffer) : await fromFile(file, buffer);
    if (length >= 1 && length <= LIMITS.materialBytes) return Uint8Array.from(buffer.subarray(0, length));
    const got = length === 0 ? 'none' : 'more';
    throw new UsageError(`--${option}: expected 1 to ${LIMITS.materialBytes} bytes, got ${got}`);
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw new CommandFailure(`--${option}: expected a file that can be read, got ${nameOf(error)}`, { cause: error });
  } finally {
    buffer.fill(0);
  }
}

async function fromStream(stdin: Streams['stdin'], buffer: Buffer): Promise<number> {
  if (stdin.isTTY === true) throw new UsageError('expected a pipe as standard input, got a terminal');
  let length = 0;
  for await (const chunk of stdin as AsyncIterable<Buffer>) {
    length += chunk.copy(buffer, length);
    chunk.fill(0);
    if (length === buffer.length) break;
  }
  return length;
}

async function fromFile(file: string, buffer: Buffer): Promise<number> {
  let handle: FileHandle | undefined;
  try {
    handle = await open(file, 'r');
    if (isatty(handle.fd)) throw new UsageError('expected a file, got a terminal');
    let length = 0;
    while (length < buffer.length) {
      const { bytesRead } = await handle.read(buffer, length, buffer.length - length);
      if (bytesRead === 0) break;
      length += bytesRead;
    }
    return length;
  } finally {
    await handle?.close();
  }
}
