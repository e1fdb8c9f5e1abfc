import { X509Certificate } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { AMAZON_TRUST } from '../../../lambda/contract/amazon-trust';
import { isPooled, requireDirectRoute } from '../../../lambda/invocation/database-route';
import { readAuthorities } from '../../../lambda/store/authorities';

describe("the authorities of a proxy's certificate", () => {
  test('are the five roots of Amazon Trust Services, and no other that Node has', () => {
    const certificates = readAuthorities(AMAZON_TRUST).match(/-----BEGIN[^-]+-----[^-]+-----END[^-]+-----/g) ?? [];
    const names = certificates.map((pem) => /CN=(.*)$/m.exec(new X509Certificate(pem).subject)?.[1]);
    expect(names.sort()).toEqual([
      ...[1, 2, 3, 4].map((number) => `Amazon Root CA ${number}`),
      'Starfield Services Root Certificate Authority - G2',
    ]);
  });

  test('are those of a file otherwise, and none is Misconfigured', () => {
    expect(() => readAuthorities('/nowhere.pem')).toThrowWithCode('Misconfigured');
  });
});

describe('the route to the database', () => {
  test('is pooled only if the variable is true', () => {
    expect(isPooled({})).toBe(false);
    expect(isPooled({ SHARE_VAULT_DB_POOLED: 'true' })).toBe(true);
    expect(() => isPooled({ SHARE_VAULT_DB_POOLED: 'yes' })).toThrowWithCode('Misconfigured');
  });

  test('must be direct for functions that keep their session', () => {
    expect(() => requireDirectRoute({ SHARE_VAULT_DB_POOLED: 'true' })).toThrowWithCode('Misconfigured');
    expect(() => requireDirectRoute({})).not.toThrow();
  });
});
