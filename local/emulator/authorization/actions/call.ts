import * as v from 'valibot';
import type { InputFacts } from '../context';
import { AuthorizationError } from '../errors';

/** Where calls are made, and how names there become ARNs. */
export interface Place {
  /** 12 digits */
  readonly account: string;
  readonly region: string;
  /**
   * The ARN of the key behind `alias/NAME`, an alias's ARN, or a ciphertext in base64; undefined where there is none.
   * @default - such calls are refused
   */
  readonly keyArnOf?: (reference: { readonly alias: string } | { readonly ciphertext: string }) => string | undefined;
  /** The ARN of the secret of a name or part of an ARN; undefined where there is none @default - the name is taken */
  readonly secretArnOf?: (secretId: string) => string | undefined;
}

/** One thing that a call asks to be allowed. */
export interface AwsAction {
  /** `kms:Decrypt` */
  readonly action: string;
  /** an ARN, or `*` */
  readonly resource: string;
  readonly facts: InputFacts;
}

/** What an operation asks to be allowed, all of it needed, read from its input. */
export type ReadActions = (input: unknown, place: Place) => readonly AwsAction[];
export type Operations = Readonly<Record<string, ReadActions>>;

/** Reads the members of an input that bear on authorization. Throws `RequestInvalid`, which names the member alone. */
export function readMembers<S extends v.GenericSchema>(schema: S, input: unknown): v.InferOutput<S> {
  const read = v.safeParse(schema, input);
  if (read.success) return read.output;
  const at = v.getDotPath(read.issues[0]) ?? 'the input';
  throw new AuthorizationError('RequestInvalid', `expected ${read.issues[0].expected ?? 'a value'} at ${at}`);
}

/** Text that names one thing: in an ARN a wildcard would name many. */
export const NAME = v.pipe(v.string(), v.regex(/^[^*?\s]{1,2048}$/));
