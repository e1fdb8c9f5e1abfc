import { X509Certificate } from 'node:crypto';
import type { GoogleLogin as Google, VaultPlace } from '../../lambda/contract/elsewhere';
import { GoogleLogin } from '../google-login';
import { refuse, requireMember, requireMembers, requireText } from './checks';
import { ELSEWHERE } from './elsewhere-patterns';

/**
 * The identities that functions have outside AWS: `seal` and `receive` show the first, `unseal` the second, and at a body
 * store `revoke` and `migrate` the third.
 */
export type Identity = 'seal' | 'unseal' | 'destroy';

/** Reads the login at Google Cloud from props. */
export function googleLogin(props: {
  readonly workloadIdentityProvider: string;
  readonly login?: GoogleLogin;
}): Google {
  const { workloadIdentityProvider: provider, login = GoogleLogin.TOKEN } = props;
  if (typeof provider !== 'string') refuse('workloadIdentityProvider', ELSEWHERE.googleAudience.expected, provider);
  const audience = `//iam.googleapis.com/${provider}`;
  const { pattern, expected } = ELSEWHERE.googleAudience;
  if (!pattern.test(audience)) refuse('workloadIdentityProvider', expected, provider);
  requireMember('login', login, GoogleLogin);
  return { audience, method: login };
}

/** Reads the place of an engine of HashiCorp Vault from props. */
export function vaultPlace(props: {
  readonly address: string;
  readonly vaultNamespace?: string;
  readonly mount: string;
  readonly caCertificate?: string;
}): VaultPlace {
  const { address, vaultNamespace: namespace, mount, caCertificate } = props;
  requireText('address', address, ELSEWHERE.vaultAddress);
  requireText('mount', mount, ELSEWHERE.vaultPath);
  if (namespace !== undefined) requireText('vaultNamespace', namespace, ELSEWHERE.vaultPath);
  return {
    address,
    mount,
    ...(namespace !== undefined && { namespace }),
    ...(caCertificate !== undefined && { ca: derOf(caCertificate) }),
  };
}

/** Throws unless a value is a `VaultLogin`: a JavaScript caller may pass its props instead. */
export function requireVaultLogin(login: unknown): void {
  requireMembers('login', login, 'VaultLogin.jwt(…) or VaultLogin.aws(…)', ['_describe']);
}

/** Throws if an identity is also another one: it would have the rights of both. */
export function requireSeparate(name: string, other: string, own: string, purpose = 'seal'): void {
  if (other === own) throw new Error(`${name}: expected another one than to ${purpose}, got the same`);
}

const PEM = /^\s*-----BEGIN CERTIFICATE-----\r?\n([A-Za-z0-9+/=\r\n]{1,4096})-----END CERTIFICATE-----\s*$/;

/** Returns a certificate in PEM as DER in base64. */
function derOf(certificate: unknown): string {
  const { pattern, expected } = ELSEWHERE.vaultCa;
  const [, text] = typeof certificate === 'string' ? (PEM.exec(certificate) ?? []) : [];
  // the value is not quoted: a private key may have been given by mistake
  const wrong = (): never => {
    throw new Error(`caCertificate: expected ${expected}, got another value`);
  };
  if (text === undefined) return wrong();
  const der = text.replace(/\s/g, '');
  if (!pattern.test(der)) return wrong();
  try {
    return new X509Certificate(Buffer.from(der, 'base64')).raw.toString('base64') === der ? der : wrong();
  } catch {
    return wrong();
  }
}
