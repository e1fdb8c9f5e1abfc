import { AttemptHandler, type Options, type Request, type Response } from '../invocation/attempt';
import { wipe } from '../contract/bytes';
import { VaultError } from '../contract/errors';
import { takePlaintext } from './plaintext';

/** Where the handler leaves the plaintext of the one call that brought it. */
export interface PlaintextSlot {
  plaintext?: Buffer | undefined;
}

/** The options of `client.send`, which the SDK hands to its request handler as they are. */
export interface PlaintextOptions extends Options {
  readonly slot?: PlaintextSlot;
}

/**
 * The SDK's own handler, but for the plaintext in a response: that is handed over beside it as bytes and blanked in it.
 * Left to the SDK it would pass through a string of the whole body, a string of its own and their decodings: six to
 * seven copies, none of which can be wiped.
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
    // of an attempt before this one, or of a call that no one expected to bring any
    wipe(slot ? slot.plaintext : plaintext);
    if (slot) slot.plaintext = plaintext;
    return { response };
  }
}

/**
 * One call of a key whose response carries a plaintext. `use` gets it and the response without it; what `use` does not hand
 * on it must wipe. When anything fails, a response of another key included, the plaintext goes to nobody.
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
      throw new VaultError('KeyUnavailable', 'expected a response of the configured key, got one of another');
    }
    if (slot.plaintext === undefined) {
      throw new VaultError('KeyUnreachable', 'expected a plaintext in the response of kms, got none');
    }
    return use(slot.plaintext, response);
  } catch (error) {
    wipe(slot.plaintext);
    throw error;
  }
}
