import * as v from 'valibot';
import type { InputFacts } from '../context';
import { AuthorizationError } from '../errors';

/** The account and region of a call, with functions that resolve names to ARNs. */
export interface Place {
  /** 12 digits */
  readonly account: string;
  readonly region: string;
  /**
   * Returns the ARN of the key for `alias/NAME`, an alias's ARN, or a ciphertext in base64; undefined if there is none.
   * @default - such calls are refused
   */
  readonly keyArnOf?: (reference: { readonly alias: string } | { readonly ciphertext: string }) => string | undefined;
  /** Returns the ARN of a secret by its name or partial ARN; undefined if there is none @default - the name is used */
  readonly secretArnOf?: (secretId: string) => string | undefined;
}

/** One permission that a call needs. */
export interface AwsAction {
  /** `kms:Decrypt` */
  readonly action: string;
  /** an ARN, or `*` */
  readonly resource: string;
  readonly facts: InputFacts;
}

/** Reads all the permissions that an operation needs from its input. */
export type ReadActions = (input: unknown, place: Place) => readonly AwsAction[];
export type Operations = Readonly<Record<string, ReadActions>>;

/** Reads the members of an input that authorization uses. Throws `RequestInvalid` with only the member's name. */
export function readMembers<S extends v.GenericSchema>(schema: S, input: unknown): v.InferOutput<S> {
  const read = v.safeParse(schema, input);
  if (read.success) return read.output;
  const at = v.getDotPath(read.issues[0]) ?? 'the input';
  throw new AuthorizationError('RequestInvalid', `expected ${read.issues[0].expected ?? 'a value'} at ${at}`);
}

/** A name without wildcards: in an ARN, a wildcard would match several resources. */
export const NAME = v.pipe(v.string(), v.regex(/^[^*?\s]{1,2048}$/));
