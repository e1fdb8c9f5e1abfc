import type { FunctionConfiguration } from '@aws-sdk/client-lambda';
import { ELSEWHERE_ENV } from '../../../lambda/contract/elsewhere';
import { recoveryFingerprint } from '../../../lambda/contract/recovery';
import { printable } from '../printable';
import { type Finding, ok, problem, unknown } from './finding';
import { type Read, hasValue, isMissing } from './read';
import { type OperationName, type Vault, publishedAt } from './vault';

/** Functions that wrap data keys, and so to recovery keys. */
const SEALING = ['seal', 'receive'] as const satisfies readonly OperationName[];
const FIX =
  'compare the fingerprints with yours and with the output RecoveryKeys, and deploy again: whoever holds a key of the list can open every new record';

/** Compares the recovery keys of the functions that seal with the published fingerprints. */
export function checkRecoveryKeys(vault: Vault): readonly Finding[] {
  const published = publishedAt(vault, 'recovery-keys')?.value;
  return SEALING.flatMap((operation) => {
    const configured = vault.functions.get(operation);
    // the check of functions reports a missing one
    if (configured === undefined || (!hasValue(configured) && isMissing(configured.error))) return [];
    return checkFunction(`recovery keys: ${operation}`, configured, vault.published, published);
  });
}

function checkFunction(
  check: string,
  configured: Read<FunctionConfiguration>,
  parameters: Read<unknown>,
  published: string | undefined,
): readonly Finding[] {
  if (!hasValue(configured)) return [unknown(check, configured.reason)];
  const { Environment } = configured.value;
  if (Environment?.Variables === undefined) return [unknown(check, 'its environment can not be read')];
  const text = Environment.Variables[ELSEWHERE_ENV.recoveryKeys];
  if (text === undefined && published === undefined) return [];
  if (!hasValue(parameters)) return [unknown(check, parameters.reason)];
  const used = namesOf(text, (key) => recoveryFingerprint(Buffer.from(key, 'base64')));
  const stated = namesOf(published, (fingerprint) => fingerprint);
  if (used === undefined || stated === undefined) return [problem(check, 'a list that can not be read', FIX)];
  if (used !== stated) return [problem(check, printable(`${used || 'none'}; published: ${stated || 'none'}`), FIX)];
  return [ok(check, printable(used))];
}

/** Returns the names of a list with their fingerprints, as text in order; undefined if it is no such list. */
function namesOf(text: string | undefined, fingerprintOf: (value: string) => string): string | undefined {
  let list: unknown;
  try {
    list = JSON.parse(text ?? '{}');
  } catch {
    return undefined;
  }
  if (typeof list !== 'object' || list === null || Array.isArray(list)) return undefined;
  const entries: readonly (readonly [string, unknown])[] = Object.entries(list);
  const named = entries.map(([name, value]) => typeof value === 'string' && `${name} ${fingerprintOf(value)}`);
  return named.includes(false) ? undefined : named.sort().join(', ');
}
