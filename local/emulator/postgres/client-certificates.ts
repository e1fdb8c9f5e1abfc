import type { webcrypto } from 'node:crypto';
import '../reflect';
import * as x509 from '@peculiar/x509';
import { serialNumber } from '../server-authority';

/** A certificate and its private key (PKCS #8), each as PEM. */
export interface ClientCertificate {
  readonly certificate: string;
  readonly key: string;
}

/** Signs certificates of database users. The server accepts only these from users that log in with IAM tokens. */
export interface ClientAuthority {
  /** PEM */
  readonly ca: string;
  /** Issues a certificate for one login. */
  issue(user: string): Promise<ClientCertificate>;
}

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
/** A server that runs for longer than a year must be restarted. */
const AUTHORITY_DAYS = 365;
/** A login uses its certificate at once; both ends have the clock of one machine. */
const LOGIN_MINUTES = 5;

const KEY: webcrypto.EcKeyGenParams = { name: 'ECDSA', namedCurve: 'P-256' };
const SIGNATURE: webcrypto.EcdsaParams = { name: 'ECDSA', hash: 'SHA-256' };

/** Creates an authority for one start of the server. Its key exists only in this process's memory. */
export async function createClientAuthority(): Promise<ClientAuthority> {
  const { subtle } = globalThis.crypto;
  const keys = await subtle.generateKey(KEY, false, ['sign', 'verify']);
  const now = Date.now();
  const ca = await x509.X509CertificateGenerator.createSelfSigned({
    notBefore: new Date(now - DAY_MS),
    notAfter: new Date(now + AUTHORITY_DAYS * DAY_MS),
    serialNumber: serialNumber(),
    name: 'CN=local database users',
    keys,
    signingAlgorithm: SIGNATURE,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign, true),
    ],
  });

  const issue = async (user: string): Promise<ClientCertificate> => {
    const own = await subtle.generateKey(KEY, true, ['sign', 'verify']);
    const certificate = await x509.X509CertificateGenerator.create({
      notBefore: new Date(Date.now() - MINUTE_MS),
      notAfter: new Date(Date.now() + LOGIN_MINUTES * MINUTE_MS),
      serialNumber: serialNumber(),
      // a value instead of text, so that a name with a comma stays one name
      subject: new x509.Name([{ CN: [{ utf8String: user }] }]),
      issuer: ca.subject,
      publicKey: own.publicKey,
      signingKey: keys.privateKey,
      signingAlgorithm: SIGNATURE,
      extensions: [
        new x509.BasicConstraintsExtension(false, undefined, true),
        new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
        new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.clientAuth]),
      ],
    });
    const key = x509.PemConverter.encode(await subtle.exportKey('pkcs8', own.privateKey), 'PRIVATE KEY');
    return { certificate: certificate.toString('pem'), key };
  };
  return { ca: `${ca.toString('pem')}\n`, issue };
}
