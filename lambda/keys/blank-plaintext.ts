import { AttemptHandler, type Options, type Request, type Response } from '../invocation/attempt';
import { wipe } from '../contract/bytes';
import { VaultError } from '../contract/errors';
import { takePlaintext } from './plaintext';

/** The place for the plaintext of one call; the handler fills it. */
export interface PlaintextSlot {
  plaintext?: Buffer | undefined;
}

/** The options of `client.send`; the SDK passes them to its request handler unchanged. */
export interface PlaintextOptions extends Options {
  readonly slot?: PlaintextSlot;
}

/**
 * The SDK's handler, except that it takes the plaintext out of a response as bytes and blanks it there. The SDK itself
 * would make a string of the whole body, a string of the plaintext and their decodings: six to seven copies that can't
 * be wiped.
 */
export class BlankPlaintextHandler extends AttemptHandler {
  /** takes the plaintext out of a response's body and blanks it there */
  readonly take: (body: Buffer) => Buffer | undefined;

  constructor(take = takePlaintext) {
    super();
    this.take = take;
  }

  override async handle(request: Request, options: PlaintextOptions = {}): Response {
    const { response } = await super.handle(request, options);
    const plaintext = this.take(response.body as Buffer);
    const { slot } = options;
    // of an earlier attempt, or of a call without a slot
    wipe(slot ? slot.plaintext : plaintext);
    if (slot) slot.plaintext = plaintext;
    return { response };
  }
}

/**
 * Makes a call to a key that returns a plaintext. `use` gets the plaintext and the response without it, and must wipe the
 * plaintext unless it returns it. On any failure, such as a response of another key, the plaintext is wiped.
 */
export async function sendForPlaintext<A extends { readonly KeyId?: string | undefined }, T>(
  keyArn: string,
  signal: AbortSignal,
  send: (options: PlaintextOptions) => Promise<A>,
  use: (plaintext: Buffer, response: A) => T,
): Promise<T> {
  const slot: PlaintextSlot = {};
  try {
    const response = await send({ abortSignal: signal, slot });
    if (response.KeyId !== keyArn) {
      throw new VaultError('KeyUnavailable', 'expected a response of the configured key, got another');
    }
    if (slot.plaintext === undefined) {
      throw new VaultError('KeyUnreachable', 'expected a plaintext from kms, got none');
    }
    return use(slot.plaintext, response);
  } catch (error) {
    wipe(slot.plaintext);
    throw error;
  }
}
