import { BODY_STORE } from '../contract/body-store';
import { type BodyStoreDescription, ELSEWHERE_ENV } from '../contract/elsewhere';
import { VaultError } from '../contract/errors';
import { readBy } from '../contract/schema';
import { readEnv } from './settings';

/** The store of sealed bodies, by the function's environment variables. */
export interface BodySettings {
  readonly environment: string;
  readonly description: BodyStoreDescription;
}

/**
 * Returns `undefined` if the bodies are in the database. Throws `Misconfigured` for a description that is malformed; its
 * values are never quoted.
 */
export function readBodySettings(source: NodeJS.ProcessEnv = process.env): BodySettings | undefined {
  const text = source[ELSEWHERE_ENV.bodyStore];
  if (text === undefined) return undefined;
  const misconfigured = (problem: string): VaultError =>
    new VaultError('Misconfigured', `environment variables: ${ELSEWHERE_ENV.bodyStore}: ${problem}`);
  const description = readBy(BODY_STORE, parseJson(text), { name: 'description' }, misconfigured);
  return { ...readEnv(['environment'], source), description };
}

/** Anything but JSON is refused by the schema. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
