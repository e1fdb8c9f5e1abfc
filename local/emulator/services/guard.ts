import type { IncomingMessage } from 'node:http';
import type { Principal, Protocol } from '../signature';
import type { AwsCall, AwsService } from './service';

/** A caller with a verified signature, or an AWS service that calls by itself. */
export interface Caller {
  readonly principal: Principal;
  /** creation time of the session's credentials */
  readonly issuedAt?: Date | undefined;
  /** ARN of the resource on behalf of that service's call */
  readonly sourceArn?: string | undefined;
}

/** A call and its caller. */
export interface SignedCall extends Omit<AwsCall, 'accessKeyId'> {
  readonly caller: Caller;
  /** the service name in the signature: `kms`, `lambda`, `rds-db` */
  readonly service: string;
  /** decides the status of a refusal */
  readonly protocol: Protocol;
  readonly requestId: string;
}

/** Authenticates and authorises calls. */
export interface Guard {
  /** Returns the caller that signed a request. Keeps nothing of the body. Throws `AwsError`. */
  verify(request: IncomingMessage, body: Uint8Array, service: Pick<AwsService, 'signingName' | 'protocol'>): Caller;
  /**
   * Throws `AwsError` if the caller is not allowed. Returns a function that receives the result: `ok`, the name of an
   * error, or `dropped`.
   */
  authorise(call: SignedCall): Promise<(result: string) => void>;
}
