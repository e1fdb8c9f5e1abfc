import { createHash, generateKeyPairSync, type KeyObject, randomUUID, sign, verify } from 'node:crypto';
import * as v from 'valibot';
import type { IdentityClaims, IdentityIssuer } from '../elsewhere/stand-in';
import type { Clock, Principal } from '../signature';

/** The name under which AWS's own claims are in a token. */
export const AWS_CLAIMS = 'https://sts.amazonaws.com/';

const SECONDS = v.pipe(v.number(), v.integer(), v.minValue(0));
const HEADER = v.strictObject({ alg: v.literal('RS256'), kid: v.string(), typ: v.literal('JWT') });
const CLAIMS = v.object({
  iss: v.string(),
  aud: v.union([v.string(), v.array(v.string())]),
  /** ARN of the caller's role */
  sub: v.string(),
  iat: SECONDS,
  exp: SECONDS,
  jti: v.string(),
  [AWS_CLAIMS]: v.object({
    aws_account: v.string(),
    source_region: v.string(),
    principal_id: v.string(),
    lambda_source_function_arn: v.optional(v.string()),
  }),
});

type Claims = v.InferOutput<typeof CLAIMS>;

export interface IdentityRequest {
  readonly principal: Principal;
  /** 1 to 10 */
  readonly audience: readonly string[];
  /** 60 to 3600 */
  readonly seconds: number;
}

export interface IdentityToken {
  readonly token: string;
  readonly expiration: Date;
}

export interface WebIdentityOptions {
  /** 12 digits */
  readonly account: string;
  readonly region: string;
  /** @default - this machine's clock */
  readonly now?: Clock | undefined;
}

/**
 * Issues and verifies the tokens of `GetWebIdentityToken`, as AWS STS does for an account. The issuer's URL depends only
 * on the account. The RSA key is made at the first use and kept only in memory, so no token outlives the process.
 */
export class WebIdentityIssuer implements IdentityIssuer {
  /** the `iss` of every token */
  readonly url: string;
  readonly #options: WebIdentityOptions;
  readonly #now: Clock;
  #key: SigningKey | undefined;

  constructor(options: WebIdentityOptions) {
    this.#options = options;
    this.#now = options.now ?? Date.now;
    this.url = `https://${uuidOf(options.account)}.tokens.sts.global.api.aws`;
  }

  issue({ principal, audience, seconds }: IdentityRequest): IdentityToken {
    const iat = Math.floor(this.#now() / 1000);
    const [first = '', ...more] = audience;
    const claims: Claims = {
      ...{ iss: this.url, aud: more.length === 0 ? first : [...audience], sub: principal.roleArn },
      ...{ iat, exp: iat + seconds, jti: randomUUID() },
      [AWS_CLAIMS]: {
        aws_account: principal.account,
        source_region: this.#options.region,
        principal_id: principal.roleArn,
        ...(principal.sourceFunctionArn && { lambda_source_function_arn: principal.sourceFunctionArn }),
      },
    };
    const { privateKey, kid } = this.#signingKey();
    const signed = [{ alg: 'RS256', kid, typ: 'JWT' }, claims].map(encode).join('.');
    const signature = sign('sha256', Buffer.from(signed), privateKey).toString('base64url');
    return { token: `${signed}.${signature}`, expiration: new Date((iat + seconds) * 1000) };
  }

  verify(token: string): Promise<IdentityClaims | undefined> {
    return Promise.resolve(this.#claimsOf(token));
  }

  /** Returns the public key as the issuer publishes it, for verifiers of their own. */
  jwks(): { readonly keys: readonly object[] } {
    const { publicKey, kid } = this.#signingKey();
    return { keys: [{ ...publicKey.export({ format: 'jwk' }), kid, alg: 'RS256', use: 'sig' }] };
  }

  #claimsOf(token: string): IdentityClaims | undefined {
    const [header = '', claims = '', signature = '', ...more] = token.split('.');
    const { publicKey, kid } = this.#signingKey();
    if (more.length > 0 || decode(HEADER, header)?.kid !== kid) return undefined;
    const signed = Buffer.from(`${header}.${claims}`);
    if (!verify('sha256', signed, publicKey, Buffer.from(signature, 'base64url'))) return undefined;
    const all = decode(CLAIMS, claims);
    const now = this.#now() / 1000;
    if (all?.iss !== this.url || all.iat > now || now >= all.exp) return undefined;
    const { iss, aud, sub, iat, exp } = all;
    return { iss, aud: [aud].flat(), sub, iat, exp, all };
  }

  #signingKey(): SigningKey {
    return (this.#key ??= { ...generateKeyPairSync('rsa', { modulusLength: 2048 }), kid: randomUUID() });
  }
}

interface SigningKey {
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
  readonly kid: string;
}

function encode(part: object): string {
  return Buffer.from(JSON.stringify(part)).toString('base64url');
}

function decode<S extends v.GenericSchema>(schema: S, part: string): v.InferOutput<S> | undefined {
  try {
    const read = v.safeParse(schema, JSON.parse(Buffer.from(part, 'base64url').toString()));
    return read.success ? read.output : undefined;
  } catch {
    return undefined;
  }
}

/** Returns a UUID that depends only on the account, so that trust in the issuer's URL survives a restart. */
function uuidOf(account: string): string {
  const hex = createHash('sha256').update(`issuer of ${account}`).digest('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), `4${hex.slice(13, 16)}`, `8${hex.slice(17, 20)}`, hex.slice(20, 32)].join('-'); // prettier-ignore
}
