import * as v from 'valibot';
import { blob } from '../shape';
import { ALGORITHMS } from './key';
import type { KeyStore } from './store';

/** One operation: validates its input, acts, and returns the response's members. */
export type Operation = (input: unknown, store: KeyStore) => object | Promise<object>;
export type Operations = Readonly<Record<string, Operation>>;

/** Maximum plaintext of `Encrypt`, in bytes. */
export const ENCRYPT_BYTES = 4_096;
/** Maximum ciphertext of `Decrypt`, in bytes. */
const CIPHERTEXT_BYTES = 6_144;
/** Maximum characters of an encryption context as JSON. */
const CONTEXT_CHARS = 8_192;

export const KEY_ID = v.pipe(v.string(), v.minLength(1), v.maxLength(2_048));
export const ALGORITHM = v.optional(v.picklist(ALGORITHMS), 'SYMMETRIC_DEFAULT');
export const CIPHERTEXT = blob(1, CIPHERTEXT_BYTES);
export const CONTEXT = v.optional(
  v.pipe(
    v.record(v.string(), v.string()),
    v.check((context) => JSON.stringify(context).length <= CONTEXT_CHARS, `at most ${CONTEXT_CHARS} characters`),
  ),
  {},
);
/** Accepted without effect: the emulator has no grants. */
export const GRANT_TOKENS = v.optional(v.pipe(v.array(v.string()), v.maxLength(10)));
