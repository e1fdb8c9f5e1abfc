import { type Input, textOf } from './engine';
import { vaultErrors } from './errors';
import type { IdentityIssuer } from '../stand-in';
import type { LoginMethod, LoginRole } from './login';
import type { TokenGrant } from './tokens';

export interface JwtRole extends LoginRole {
  /** at least one of the token's audiences must be among them */
  readonly boundAudiences: readonly string[];
  readonly boundSubject?: string;
  /** claim, or a JSON pointer to one, such as `/https:~1~1sts.amazonaws.com~1/aws_account` → its possible values */
  readonly boundClaims?: Readonly<Record<string, readonly string[]>>;
}

type Claims = Readonly<Record<string, unknown>>;

/** The login method `jwt`, configured with the issuer of AWS STS's web identity tokens. */
export function createJwtLogin(roles: Readonly<Record<string, JwtRole>>, issuer: IdentityIssuer): LoginMethod {
  return {
    async login(input: Input): Promise<TokenGrant> {
      const [name, jwt] = [textOf(input, 'role'), textOf(input, 'jwt')];
      if (jwt === '') throw vaultErrors.badRequest('missing token');
      const role = Object.hasOwn(roles, name) ? roles[name] : undefined;
      if (role === undefined) throw vaultErrors.badRequest(`role "${name}" could not be found`);
      const claims = await issuer.verify(jwt);
      if (claims === undefined) {
        throw vaultErrors.badRequest('error validating token: no known key successfully validated the token signature');
      }
      requireClaims(role, claims.all);
      return { policies: role.policies, ttl: role.ttl, role: name };
    },
  };
}

function requireClaims({ boundAudiences, boundSubject, boundClaims = {} }: JwtRole, claims: Claims): void {
  const audiences = [claims.aud].flat();
  if (!boundAudiences.some((bound) => audiences.includes(bound))) {
    throw vaultErrors.badRequest('error validating token: invalid audience (aud) claim: audience claim does not match any bound audience'); // prettier-ignore
  }
  if (boundSubject !== undefined && claims.sub !== boundSubject) {
    throw vaultErrors.badRequest('error validating token: invalid subject (sub) claim');
  }
  for (const [name, allowed] of Object.entries(boundClaims)) {
    const value = claimOf(claims, name);
    if (value === undefined) throw vaultErrors.badRequest(`error validating claims: claim "${name}" is missing`);
    if (typeof value !== 'string' || !allowed.includes(value)) {
      throw vaultErrors.badRequest(`error validating claims: claim "${name}" does not match any associated bound claim values`); // prettier-ignore
    }
  }
}

/** Returns a claim by its name, or by a JSON pointer (RFC 6901). */
function claimOf(claims: Claims, name: string): unknown {
  if (!name.startsWith('/')) return claims[name];
  let value: unknown = claims;
  for (const part of name.slice(1).split('/')) {
    const key = part.replaceAll('~1', '/').replaceAll('~0', '~');
    value =
      typeof value === 'object' && value !== null && Object.hasOwn(value, key) ? Reflect.get(value, key) : undefined;
  }
  return value;
}
