import type { ChainPosition } from '../../../lambda/contract/responses';
import { CHAIN_START } from '../../../lambda/contract/chain';
import { UsageError, type Values, textOf } from '../command';

/** Reads `LENGTH:HASH`. */
export function headOf(values: Values): ChainPosition | undefined {
  const text = textOf(values, 'head');
  return text === undefined ? undefined : positionOf('head', text);
}

/** Reads `ROW:HASH`; if nothing is verified, `ROW` is enough. */
export function startOf(values: Values, verify: boolean): ChainPosition {
  const text = textOf(values, 'after');
  if (text === undefined) return CHAIN_START;
  return positionOf('after', verify || text.includes(':') ? text : `${text}:${CHAIN_START.hash}`);
}

function positionOf(name: string, text: string): ChainPosition {
  const [, sequence, hash] = /^(\d{1,15}):([0-9a-f]{64})$/.exec(text) ?? [];
  if (sequence !== undefined && hash !== undefined) return { sequence: Number(sequence), hash };
  throw new UsageError(`--${name}: expected a row's number, a colon and its hash in 64 hexadecimal digits`);
}

/** Returns the values of an option that may be repeated. */
export function listOf(values: Values, name: string): readonly string[] {
  const list = values[name];
  return typeof list === 'object' ? list : [];
}
