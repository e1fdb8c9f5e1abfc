import type { webcrypto } from 'node:crypto';
import './reflect';
import * as x509 from '@peculiar/x509';
import { serialNumber } from './certificates';

/** PEM of a certificate and of its private key (PKCS #8). */
export interface ClientCertificate {
  readonly certificate: string;
  readonly key: string;
}

/** Vouches for database users towards the server, which takes nothing else from those that log in with IAM tokens. */
export interface ClientAuthority {
  /** PEM */
  readonly ca: string;
  /** A certificate for one login, made anew each time. */
  issue(user: string): Promise<ClientCertificate>;
}

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
/** A server that runs for longer than a year is started again. */
const AUTHORITY_DAYS = 365;
/** It is used at once or never; both ends are of one machine, and have one clock. */
const LOGIN_MINUTES = 5;

const KEY: webcrypto.EcKeyGenParams = { name: 'ECDSA', namedCurve: 'P-256' };
const SIGNATURE: webcrypto.EcdsaParams = { name: 'ECDSA', hash: 'SHA-256' };

/** An authority of its own for each start of the server: its key is in this process's memory alone. */
export async function makeClientAuthority(): Promise<ClientAuthority> {
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
      // as a value, not as text: a name that holds a comma stays one name
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
