import type { IncomingHttpHeaders, OutgoingHttpHeaders } from 'node:http';
import type { Readable } from 'node:stream';

/** A request as a stand-in gets it, its body read whole. */
export interface StandInRequest {
  readonly method: string;
  /** `https://HOST[:PORT]/path?query`, by the request's host */
  readonly url: URL;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

export interface StandInResponse {
  readonly status: number;
  readonly headers?: OutgoingHttpHeaders;
  /** an object is sent as JSON; a stream can be endless, or stall */
  readonly body?: object | string | Buffer | Readable;
}

/** A service outside AWS on this machine: real cryptography, its own policies. It is served over TLS by server.ts. */
export interface StandIn {
  /** Name for trail lines and output: `google`, `azure`, `vault`. */
  readonly name: string;
  /** Returns whether the stand-in serves this host, such as `cloudkms.googleapis.com`. */
  serves(host: string, port: number): boolean;
  /** Responds to a request; `undefined` cuts the connection. */
  respond(request: StandInRequest): Promise<StandInResponse | undefined>;
}

/** What a verified web identity token of AWS STS says. */
export interface IdentityClaims {
  readonly iss: string;
  readonly aud: readonly string[];
  /** ARN of the role */
  readonly sub: string;
  /** seconds since 1970 */
  readonly exp: number;
  readonly iat: number;
  /** all claims, `https://sts.amazonaws.com/` among them */
  readonly all: Readonly<Record<string, unknown>>;
}

/** The issuer of the emulated account's web identity tokens. */
export interface IdentityIssuer {
  /** `https://UUID.tokens.sts.global.api.aws` */
  readonly url: string;
  /** Verifies the signature by RS256, the issuer, and the times; `undefined` for any token that does not pass. */
  verify(token: string): Promise<IdentityClaims | undefined>;
}

/** Sends a signed `GetCallerIdentity` to the emulated STS; returns the caller's ARN and account, `undefined` if refused. */
export type CallerIdentityCheck = (request: {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string | string[]>>;
  readonly body: string;
}) => Promise<{ readonly arn: string; readonly account: string } | undefined>;
