import type { IncomingMessage } from 'node:http';
import type { Credential } from '../signature';
import type { AwsCall } from './service';

/** Told once how a call ended: `ok`, an error's name, or `dropped`. */
export type Answered = (result: string) => void;

/** Knows who calls, and what they may do. */
export interface Guard {
  /** Whose signature this is; the body is still whole, and not kept. Throws `AwsError`. */
  identify(request: IncomingMessage, body: Uint8Array, targetPrefix: string): Credential;
  /** Throws `AwsError` where they may not. */
  authorise(caller: Credential, targetPrefix: string, call: AwsCall, requestId: string): Promise<Answered>;
}
