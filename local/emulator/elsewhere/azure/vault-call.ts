import type { StandInResponse } from '../stand-in';
import { azureErrors } from './azure-error';

/** A request of an application that the directory has authenticated. */
export interface VaultCall {
  readonly method: string;
  /** the path's parts, such as `keys`, NAME, VERSION, `wrapkey`: none has characters that URLs encode */
  readonly path: readonly string[];
  readonly query: URLSearchParams;
  readonly body: Buffer;
  /** client id of the application */
  readonly client: string;
}

/** A part of a vault's interface: returns `undefined` for a path of another part. Throws `AzureError`. */
export type VaultPart = (call: VaultCall) => StandInResponse | undefined | Promise<StandInResponse | undefined>;

/** Parses a JSON object. Throws `BadParameter`. */
export function jsonOf({ body }: VaultCall): unknown {
  try {
    return JSON.parse(body.toString());
  } catch {
    throw azureErrors.badParameter('The request body is not JSON.');
  }
}
