import type { IncomingMessage } from 'node:http';
import type { Principal, Protocol } from '../signature';
import type { AwsCall, AwsService } from './service';

/** A caller whose signature is verified, or a service that calls by itself. */
export interface Caller {
  readonly principal: Principal;
  /** when the session's credentials were made */
  readonly issuedAt?: Date | undefined;
  /** the resource for which a service calls by itself */
  readonly sourceArn?: string | undefined;
}

/** A call and its caller. */
export interface SignedCall extends Omit<AwsCall, 'accessKeyId'> {
  readonly caller: Caller;
  /** the name that the call is signed for: `kms`, `lambda`, `rds-db` */
  readonly service: string;
  /** decides the status of a refusal */
  readonly protocol: Protocol;
  readonly requestId: string;
}

/** Knows callers and their permissions. */
export interface Guard {
  /** Returns who signed a request, without keeping its body. Throws `AwsError`. */
  verify(request: IncomingMessage, body: Uint8Array, service: Pick<AwsService, 'signingName' | 'protocol'>): Caller;
  /**
   * Throws `AwsError` if the caller is not allowed. Returns a function that receives the result: `ok`, the name of an
   * error, or `dropped`.
   */
  authorise(call: SignedCall): Promise<(result: string) => void>;
}
