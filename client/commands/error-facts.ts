import { EXIT, type ExitCode } from './exit-codes';

/** The facts of anything thrown, read by its members: errors of other realms are no instances of this one's. */
export interface ErrorFacts {
  readonly name: string;
  readonly message: string;
  /** a system error's or Node's, such as `ECONNREFUSED` */
  readonly code: string | undefined;
  readonly cause: unknown;
}

export function factsOf(error: unknown): ErrorFacts {
  const { name, message, code, cause }: Readonly<Partial<Record<keyof ErrorFacts, unknown>>> =
    typeof error === 'object' && error !== null ? error : {};
  return {
    name: typeof name === 'string' ? name : 'an error',
    message: typeof message === 'string' ? message : '',
    code: typeof code === 'string' ? code : undefined,
    cause,
  };
}

const PROFILE = ': is there such a profile (aws configure list-profiles), and is it signed in';

/** Names an error of the SDK: a system error by its code, such as `ECONNREFUSED`. */
export function nameOf(error: unknown): string {
  const { name, message, code } = factsOf(error);
  return code ?? regionProblem(message) ?? endpointProblem(message) ?? name;
}

/** Returns the problem of a region before anything was sent, from the SDK's message. */
function regionProblem(message: string): 'no region' | 'a malformed region' | undefined {
  if (/^Region is missing|^Region not accepted: region=""/.test(message)) return 'no region';
  return message.startsWith('Region not accepted') ? 'a malformed region' : undefined;
}

/** Returns the problem of an endpoint before anything was sent, from the SDK's message. */
function endpointProblem(message: string): typeof TWO_ENDPOINTS | undefined {
  return message.endsWith(' and custom endpoint are not supported') ? TWO_ENDPOINTS : undefined;
}

const TWO_ENDPOINTS = 'a FIPS or dual-stack endpoint besides one of your own';

/** Returns the exit code for an error of the SDK. */
export function exitFor(name: string, got: string): ExitCode {
  if (got === 'a malformed region' || got === TWO_ENDPOINTS) return EXIT.usage;
  if (/NotFound(Exception)?$/.test(name)) return EXIT.notFound;
  if (
    got === 'no region' ||
    /^(AccessDenied|Credentials|Expired|UnrecognizedClient|InvalidClientToken|InvalidSignature)/.test(name)
  ) {
    return EXIT.refused;
  }
  return /^E[A-Z]+$|^Timeout|Throttl|TooManyRequests|^ServiceUnavailable|^InternalFailure/.test(got)
    ? EXIT.retryable
    : EXIT.failed;
}

/** Returns advice on an error, as the end of a sentence; empty if none is known. */
export function adviceFor(name: string, got: string): string {
  if (got === 'no region') return ': say --region REGION, or set AWS_REGION';
  if (got === 'a malformed region') return ': write --region or AWS_REGION like eu-central-1';
  if (got === TWO_ENDPOINTS) {
    return ': unset AWS_USE_FIPS_ENDPOINT and AWS_USE_DUALSTACK_ENDPOINT, or AWS_ENDPOINT_URL and the profile with an endpoint_url';
  }
  if (name === 'CredentialsProviderError') {
    const { AWS_PROFILE: profile = '' } = process.env;
    return profile === '' ? ': set AWS_PROFILE, or sign in' : PROFILE;
  }
  if (/^(Expired|UnrecognizedClient|InvalidClientToken|InvalidSignature)/.test(name)) return ': sign in again';
  if (name.startsWith('AccessDenied')) return ': sign in as a role that may do it';
  if (got === 'ENOTFOUND') return ': is the network there, and is the region spelled right';
  if (/^E[A-Z]+$/.test(got)) return ': is the network there, and is AWS_ENDPOINT_URL right, if it is set';
  return '';
}
