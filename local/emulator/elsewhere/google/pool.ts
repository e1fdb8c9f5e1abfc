import * as v from 'valibot';
import type { CallerIdentityCheck, IdentityClaims, IdentityIssuer } from '../stand-in';
import { ExchangeError } from './google-error';

/** Who an access token is of, in the forms that a binding can name. */
export interface Identity {
  readonly members: readonly string[];
}

/** The result of a provider's attribute mapping. */
export interface MappedAttributes {
  /** `google.subject`: at most 127 bytes */
  readonly subject: string;
  /** `attribute.NAME` */
  readonly attributes?: Readonly<Record<string, string>>;
}

/** A provider of a workload identity pool: whom it trusts, and as what the pool knows them. */
export type PoolProvider = {
  /** `//iam.googleapis.com/projects/NUMBER/locations/global/workloadIdentityPools/POOL/providers/PROVIDER` */
  readonly audience: string;
} & (
  | {
      /** web identity tokens of an issuer */
      readonly type: 'oidc';
      readonly issuer: IdentityIssuer;
      /** @default - the token's subject, no attributes */
      readonly mapping?: (claims: IdentityClaims) => MappedAttributes;
      /** @default - every token of the issuer is accepted */
      readonly condition?: (claims: IdentityClaims) => boolean;
    }
  | {
      /** signed `GetCallerIdentity` of an AWS account */
      readonly type: 'aws';
      /** 12 digits */
      readonly account: string;
      readonly check: CallerIdentityCheck;
    }
);

export const SUBJECT_TYPES = {
  oidc: 'urn:ietf:params:oauth:token-type:jwt',
  aws: 'urn:ietf:params:aws:token-type:aws4_request',
} as const;
const SUBJECT_BYTES = 127;
const CALL = '?Action=GetCallerIdentity&Version=2011-06-15';
const HEADERS = v.array(v.strictObject({ key: v.string(), value: v.string() }));
const SIGNED = v.strictObject({ url: v.string(), method: v.literal('POST'), headers: HEADERS });

/** Returns whom a subject token is of. Throws `ExchangeError`. */
export async function identify(provider: PoolProvider, type: string, token: string): Promise<Identity> {
  if (type !== SUBJECT_TYPES[provider.type]) {
    throw new ExchangeError('invalid_request', `Invalid value for "subject_token_type". This value should be ${SUBJECT_TYPES[provider.type]}.`); // prettier-ignore
  }
  const { subject, attributes = {} } =
    provider.type === 'oidc' ? await ofToken(provider, token) : await ofSignature(provider, token);
  if (Buffer.byteLength(subject) > SUBJECT_BYTES) {
    throw new ExchangeError('invalid_request', `The size of mapped attribute google.subject exceeds the ${SUBJECT_BYTES} bytes limit. Either modify your attribute mapping or the incoming assertion to produce a mapped attribute that is less than ${SUBJECT_BYTES} bytes.`); // prettier-ignore
  }
  const pool = provider.audience.replace(/\/providers\/[^/]+$/, '');
  const sets = Object.entries(attributes).map(([name, value]) => `attribute.${name}/${value}`);
  return {
    members: [`principal:${pool}/subject/${subject}`, ...['*', ...sets].map((set) => `principalSet:${pool}/${set}`)],
  };
}

async function ofToken(
  { audience, issuer, mapping, condition }: Extract<PoolProvider, { type: 'oidc' }>,
  token: string,
): Promise<MappedAttributes> {
  const claims = await issuer.verify(token);
  if (claims === undefined) throw new ExchangeError('invalid_grant', 'Error connecting to the given credential: its signature, issuer or lifetime is invalid.'); // prettier-ignore
  // with or without the scheme, if the provider names no audiences of its own
  if (!claims.aud.some((aud) => aud === audience || aud === `https:${audience}`)) {
    throw new ExchangeError('invalid_grant', `The audience in ID Token [${claims.aud.join(', ')}] does not match the expected audience.`); // prettier-ignore
  }
  if (condition?.(claims) === false) {
    throw new ExchangeError('unauthorized_client', 'The given credential is rejected by the attribute condition.');
  }
  return mapping?.(claims) ?? { subject: claims.sub };
}

async function ofSignature(
  { audience, account, check }: Extract<PoolProvider, { type: 'aws' }>,
  token: string,
): Promise<MappedAttributes> {
  const { url, method, headers } = readSigned(token);
  const named = Object.fromEntries(headers.map(({ key, value }) => [key.toLowerCase(), value]));
  // Google recommends to sign the header, but its own clients don't
  if (![audience, `https:${audience}`].includes(named['x-goog-cloud-target-resource'] ?? '')) {
    throw new ExchangeError('invalid_grant', 'The header x-goog-cloud-target-resource must be the provider.');
  }
  if (!url.endsWith(CALL)) throw new ExchangeError('invalid_request', 'The AWS request must be a GetCallerIdentity.');
  const caller = await check({ method, url, headers: named, body: '' });
  if (caller === undefined) throw new ExchangeError('invalid_grant', 'Received invalid AWS response.');
  if (caller.account !== account) {
    throw new ExchangeError('unauthorized_client', 'The AWS account of the credential is not that of the provider.');
  }
  // Google's default mapping: the role without its session
  return { subject: caller.arn, attributes: { aws_role: caller.arn.replace(/(:assumed-role\/[^/]+)\/.*$/, '$1') } };
}

function readSigned(token: string): v.InferOutput<typeof SIGNED> {
  try {
    return v.parse(SIGNED, JSON.parse(decodeURIComponent(token)));
  } catch {
    throw new ExchangeError('invalid_request', 'Unable to parse the AWS request in "subject_token".');
  }
}
