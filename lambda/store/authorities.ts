import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { rootCertificates } from 'node:tls';
import { AMAZON_TRUST } from '../contract/amazon-trust';
import { VaultError } from '../contract/errors';

/** SHA-256 of the roots that Amazon Trust Services publishes: Amazon Root CA 1 to 4, and the Starfield root before them. */
const AMAZON_ROOTS: readonly string[] = [
  '8ecde6884f3d87b1125ba31ac3fcb13d7016de7f57cc904fe1cb97c6ae98196e',
  '1ba5b2aa8c65401a82960118f80bec4f62304d83cec4713a19c39c011ea46db4',
  '18ce6cfe7bf14e60b2e347b8dfe868cb31d02ebb3ada271569f50343b46db3a4',
  'e35d28419ed02025cfa69038cd623962458da5c695fbdea3c22b0bfb25897092',
  '568d6905a2c88708a4b3025190edcfedb1974a606a13c6e5290fcb2ae63edab5',
];

/**
 * Returns the certificate authorities (PEM) that may vouch for the database: those in a file, or Node's own copies of
 * Amazon's roots, and no other of Node's. Throws `Misconfigured` if there are none.
 */
export function readAuthorities(caFile: string): string {
  return caFile === AMAZON_TRUST ? amazonRoots() : readFile(caFile);
}

function readFile(caFile: string): string {
  try {
    return readFileSync(caFile, 'utf8');
  } catch (cause) {
    throw new VaultError('Misconfigured', 'expected a file with the certificate authorities, got none', { cause });
  }
}

function amazonRoots(): string {
  const found = rootCertificates.filter((pem) => AMAZON_ROOTS.includes(fingerprintOf(pem)));
  if (found.length > 0) return found.join('\n');
  // with an empty list, TLS would accept every authority that Node knows
  throw new VaultError('Misconfigured', "expected Node to have Amazon's certificate authorities, got none");
}

function fingerprintOf(pem: string): string {
  return new X509Certificate(pem).fingerprint256.replaceAll(':', '').toLowerCase();
}
