import '../reflect';
import * as x509 from '@peculiar/x509';
import { type IssuedCertificate, createServerAuthority } from '../server-authority';

/** The certificate of a server, and its authority as PEM. */
export interface ServerCertificate extends IssuedCertificate {
  readonly ca: string;
}

const DAY_MS = 86_400_000;
/** A certificate with fewer days left is replaced. */
const RENEW_DAYS = 30;

/** Creates a certificate for hosts and addresses, and the authority that signs it. Drops the authority's key. */
export async function createCertificate(hosts: readonly string[]): Promise<ServerCertificate> {
  const authority = await createServerAuthority('local database authority');
  return { ca: authority.ca, ...(await authority.issue(hosts)) };
}

/** Checks that a certificate is for exactly these hosts and not near its end at `now`, in milliseconds since 1970. */
export function isStillValid(certificate: string, hosts: readonly string[], now: number): boolean {
  const parsed = new x509.X509Certificate(certificate);
  const names = parsed.getExtension(x509.SubjectAlternativeNameExtension)?.names.items.map(({ value }) => value);
  const daysLeft = (parsed.notAfter.getTime() - now) / DAY_MS;
  return daysLeft > RENEW_DAYS && names?.join(' ') === hosts.join(' ');
}
