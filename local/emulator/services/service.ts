import type { Faults } from './faults';

/** One call of an operation, as its service sees it. */
export interface AwsCall {
  readonly operation: string;
  /** the request's JSON, not yet validated */
  readonly input: unknown;
  /** from the signature's credential, which the server's guard verified, if it has one */
  readonly accessKeyId: string;
}

/**
 * A service of the AWS JSON protocol. `handle` throws `AwsError` for what the caller did wrong; anything else answers
 * as the service's internal error. Members of an answer that are bytes belong to it: they are overwritten once sent.
 */
export interface AwsService {
  /** what stands before the dot in `X-Amz-Target` */
  readonly targetPrefix: string;
  /** name of the error that says the service itself failed */
  readonly internalError: string;
  readonly faults?: Faults;
  handle(call: AwsCall): object | Promise<object>;
  /** Told of every call once it is decided; `result` is `ok`, an error's name, or `dropped`. */
  answered?(call: AwsCall, at: Date, result: string, answer?: object): void;
}
