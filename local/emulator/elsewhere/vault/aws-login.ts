import { decodeBase64 } from './transit-key';
import { type Input, textOf } from './engine';
import { vaultErrors } from './errors';
import type { CallerIdentityCheck } from '../stand-in';
import type { LoginMethod, LoginRole } from './login';
import type { TokenGrant } from './tokens';

export interface AwsRole extends LoginRole {
  /** ARNs of IAM roles, without their paths */
  readonly boundPrincipals: readonly string[];
}

/** A signed request that a caller made and Vault sends. */
type SignedRequest = Parameters<CallerIdentityCheck>[0] & { readonly headers: Readonly<Record<string, string>> };

export interface AwsLoginOptions {
  readonly roles: Readonly<Record<string, AwsRole>>;
  /** sends the signed request to STS */
  readonly check: CallerIdentityCheck;
  /** value that the signed header X-Vault-AWS-IAM-Server-ID must have @default - the header is not needed */
  readonly serverId?: string;
}

const SERVER_ID = 'x-vault-aws-iam-server-id';

/** The login method `aws`, type `iam`: the caller signs `GetCallerIdentity`, Vault sends it and learns who signed. */
export function createAwsLogin({ roles, check, serverId }: AwsLoginOptions): LoginMethod {
  return {
    async login(input: Input): Promise<TokenGrant> {
      const name = textOf(input, 'role');
      const role = Object.hasOwn(roles, name) ? roles[name] : undefined;
      if (role === undefined) throw vaultErrors.badRequest(`entry for role "${name}" not found`);
      const request = readSignedRequest(input);
      if (serverId !== undefined) requireServerId(request, serverId);
      const principal = await principalOf(request, check);
      if (!role.boundPrincipals.includes(principal)) {
        throw vaultErrors.badRequest(`IAM Principal "${principal}" does not belong to the role "${name}"`);
      }
      return { policies: role.policies, ttl: role.ttl, role: name };
    },
  };
}

function readSignedRequest(input: Input): SignedRequest {
  const method = textOf(input, 'iam_http_request_method');
  if (method !== 'POST') throw vaultErrors.badRequest('invalid iam_http_request_method; currently only \'POST\' and \'GET\' are supported'); // prettier-ignore
  const body = decoded(input, 'iam_request_body');
  const form = new URLSearchParams(body);
  const names = [...form.keys()];
  if (form.get('Action') !== 'GetCallerIdentity' || names.some((name) => name !== 'Action' && name !== 'Version')) {
    throw vaultErrors.badRequest('only iam request body Action=GetCallerIdentity is allowed');
  }
  return { method, url: decoded(input, 'iam_request_url'), headers: readHeaders(input), body };
}

function decoded(input: Input, name: string): string {
  const bytes = decodeBase64(textOf(input, name));
  if (bytes === undefined || bytes.length === 0) throw vaultErrors.badRequest(`missing ${name}`);
  return bytes.toString();
}

/** Reads the headers: base64 of an object, whose values are texts or lists of one text. */
function readHeaders(input: Input): Readonly<Record<string, string>> {
  const refusal = vaultErrors.badRequest('error getting iam_request_headers: not an object of texts');
  const parsed = parse(decoded(input, 'iam_request_headers'));
  if (typeof parsed !== 'object' || parsed === null) throw refusal;
  return Object.fromEntries(
    Object.entries(parsed).map(([name, value]: [string, unknown]) => {
      const [text, ...more] = [value].flat();
      if (typeof text !== 'string' || more.length > 0) throw refusal;
      return [name.toLowerCase(), text];
    }),
  );
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function requireServerId({ headers }: SignedRequest, serverId: string): void {
  const prefix = 'error validating X-Vault-AWS-IAM-Server-ID header: ';
  const value = headers[SERVER_ID];
  if (value === undefined) throw vaultErrors.badRequest(`${prefix}missing header "X-Vault-AWS-IAM-Server-ID"`);
  if (value !== serverId) throw vaultErrors.badRequest(`${prefix}expected "${serverId}" but got "${value}"`);
  const signed = /SignedHeaders=([^,\s]+)/.exec(headers.authorization ?? '')?.[1]?.split(';') ?? [];
  if (!signed.includes(SERVER_ID)) throw vaultErrors.badRequest(`${prefix}header wasn't signed`);
}

/** Returns the ARN of the role that signed, without its session and, as Vault, without its path. */
async function principalOf(request: SignedRequest, check: CallerIdentityCheck): Promise<string> {
  const caller = await check(request);
  if (caller === undefined) {
    throw vaultErrors.badRequest('error making upstream request: received error code 403 from STS');
  }
  const [, partition, account, role] = /^arn:([\w-]+):sts::(\d{12}):assumed-role\/([^/]+)\/.+$/.exec(caller.arn) ?? [];
  return role === undefined ? caller.arn : `arn:${partition}:iam::${account}:role/${role}`;
}
