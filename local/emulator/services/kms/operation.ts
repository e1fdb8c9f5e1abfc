import * as v from 'valibot';
import { blob } from '../shape';
import { ALGORITHMS } from './key';
import type { KeyStore } from './store';

/** One operation: reads its input, does what it says, answers with the response's members. */
export type Operation = (input: unknown, store: KeyStore) => object | Promise<object>;
export type Operations = Readonly<Record<string, Operation>>;

/** Bytes that one `Encrypt` takes. */
export const ENCRYPT_BYTES = 4_096;
/** Bytes that one `Decrypt` takes. */
const CIPHERTEXT_BYTES = 6_144;
/** Characters of an encryption context, as JSON. */
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
/** Accepted and without effect: this KMS knows no grants, and refuses nobody for lack of one. */
export const GRANT_TOKENS = v.optional(v.pipe(v.array(v.string()), v.maxLength(10)));
