import { AwsError } from '../services/errors';

/** How a service speaks decides the status of its refusals: AWS JSON (KMS, Secrets Manager) or REST JSON (Lambda). */
export type Protocol = 'json' | 'rest-json';

export type RefusalName =
  | 'MissingAuthenticationTokenException'
  | 'IncompleteSignatureException'
  | 'InvalidSignatureException'
  | 'UnrecognizedClientException'
  | 'ExpiredTokenException';

/** AWS's name and status for why a signature was not accepted; messages name headers, and never quote one. */
export class SignatureRefusal extends AwsError {
  declare readonly name: RefusalName;

  constructor(name: RefusalName, message: string, protocol: Protocol) {
    super(name, message, protocol === 'json' ? 400 : 403);
  }
}
