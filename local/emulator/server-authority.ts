import { randomBytes, type webcrypto } from 'node:crypto';
import { isIP } from 'node:net';
import './reflect';
import * as x509 from '@peculiar/x509';

/** A certificate and its private key (PKCS #8), each as PEM. */
export interface IssuedCertificate {
  readonly certificate: string;
  readonly key: string;
}

/** Signs certificates of servers. Its key exists only in this process's memory. */
export interface ServerAuthority {
  /** PEM */
  readonly ca: string;
  /**
   * Issues a certificate for host names and addresses; the first one is its common name.
   *
   * @param validity @default - the authority's own
   */
  issue(hosts: readonly string[], validity?: Validity): Promise<IssuedCertificate>;
}

export interface Validity {
  readonly notBefore: Date;
  readonly notAfter: Date;
}

const DAY_MS = 86_400_000;
const VALID_DAYS = 365;

const KEY: webcrypto.EcKeyGenParams = { name: 'ECDSA', namedCurve: 'P-256' };
const SIGNATURE: webcrypto.EcdsaParams = { name: 'ECDSA', hash: 'SHA-256' };

/** Creates an authority. Its certificate and those that it issues are valid for a year from now. */
export async function createServerAuthority(commonName: string): Promise<ServerAuthority> {
  const { subtle } = globalThis.crypto;
  const authority = await subtle.generateKey(KEY, false, ['sign', 'verify']);
  // a client with a slow clock must accept a new certificate
  const validity: Validity = {
    notBefore: new Date(Date.now() - DAY_MS),
    notAfter: new Date(Date.now() + VALID_DAYS * DAY_MS),
  };
  const ca = await x509.X509CertificateGenerator.createSelfSigned({
    ...validity,
    serialNumber: serialNumber(),
    name: `CN=${commonName}`,
    keys: authority,
    signingAlgorithm: SIGNATURE,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign, true),
      await x509.SubjectKeyIdentifierExtension.create(authority.publicKey),
    ],
  });

  const issue = async (hosts: readonly string[], { notBefore, notAfter } = validity): Promise<IssuedCertificate> => {
    const server = await subtle.generateKey(KEY, true, ['sign', 'verify']);
    const certificate = await x509.X509CertificateGenerator.create({
      notBefore,
      notAfter,
      serialNumber: serialNumber(),
      subject: `CN=${hosts[0] ?? 'localhost'}`,
      issuer: ca.subject,
      publicKey: server.publicKey,
      signingKey: authority.privateKey,
      signingAlgorithm: SIGNATURE,
      extensions: [
        new x509.BasicConstraintsExtension(false, undefined, true),
        new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
        new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
        new x509.SubjectAlternativeNameExtension(
          hosts.map((value) => ({ type: isIP(value) === 0 ? 'dns' : 'ip', value }) as const),
        ),
        await x509.AuthorityKeyIdentifierExtension.create(authority.publicKey),
      ],
    });
    const key = x509.PemConverter.encode(await subtle.exportKey('pkcs8', server.privateKey), 'PRIVATE KEY');
    return { certificate: pem(certificate), key: `${key}\n` };
  };
  return { ca: pem(ca), issue };
}

function pem(certificate: x509.X509Certificate): string {
  return `${certificate.toString('pem')}\n`;
}

/** Returns 16 random bytes as hex; positive as an integer. */
export function serialNumber(): string {
  const bytes = randomBytes(16);
  bytes[0] = ((bytes[0] ?? 0) & 0x7f) | 0x40;
  return bytes.toString('hex');
}
