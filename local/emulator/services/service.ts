import type { IncomingMessage } from 'node:http';
import type { Protocol } from '../signature';
import type { AwsError } from './errors';

/** One call of an operation, as the service receives it. */
export interface AwsCall {
  readonly operation: string;
  /** members by their API names; not validated */
  readonly input: unknown;
  /** from the signature's credential; verified if the server has a guard */
  readonly accessKeyId: string;
}

export interface AwsResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** Bytes are overwritten once they are sent. */
  readonly body: string | Buffer;
}

/** A service behind the endpoint: it recognises its requests, reads each as a call and responds. */
export interface AwsService {
  /** the service name in signatures, such as `kms` */
  readonly signingName: string;
  readonly protocol: Protocol;
  /** Checks by method, path and headers whether a request is for this service. */
  matches(request: IncomingMessage): boolean;
  /** Throws `AwsError` if the body is too long. */
  readBody(request: IncomingMessage): Promise<Buffer>;
  /** Parses a request. Keeps nothing of the body: the server overwrites it afterwards. Throws `AwsError`. */
  readCall(request: IncomingMessage, body: Buffer): AwsCall;
  /**
   * Handles an authorised call. Calls `ended` once with `ok`, the name of an error, or `dropped`. Returns undefined to
   * cut the connection.
   *
   * @param closing aborts when the server closes
   */
  respond(call: AwsCall, ended: (result: string) => void, closing: AbortSignal): Promise<AwsResponse | undefined>;
  /** Returns an error in the form of this service's protocol. */
  errorResponse(error: AwsError): AwsResponse;
}
