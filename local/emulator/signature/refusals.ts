import { AwsError } from '../services/errors';

/** A service's protocol, AWS JSON (KMS), REST JSON (Lambda), REST XML (S3) or query (STS): the status of refusals. */
export type Protocol = 'json' | 'rest-json' | 'rest-xml' | 'query';

export type RefusalName =
  | 'MissingAuthenticationTokenException'
  | 'IncompleteSignatureException'
  | 'InvalidSignatureException'
  | 'UnrecognizedClientException'
  | 'ExpiredTokenException';

/** Refuses a signature with AWS's error name and status. Messages name headers but never quote a secret value. */
export class SignatureRefusal extends AwsError {
  declare readonly name: RefusalName;

  constructor(name: RefusalName, message: string, protocol: Protocol) {
    super(name, message, protocol === 'json' ? 400 : 403);
  }
}
