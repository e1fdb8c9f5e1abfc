import { describe, expect, test } from '@jest/globals';
import { auditTemplate, describeFinding } from '../../../local/audit';
import type { ShareVaultProps } from '../../../lib/share-vault-props';
import { azureKey, googleKey, hsmKey, jwtKey, recoveryKey, signedGoogleKey } from '../../support/external-keys';
import { testVault } from '../../support/vault';

const templateWith = (props: Partial<ShareVaultProps>): string =>
  JSON.stringify(
    testVault({ webhook: {}, ...props })
      .template()
      .toJSON(),
  );
const audit = (template: string): readonly string[] => auditTemplate(JSON.parse(template)).map(describeFinding);

const PLAIN = templateWith({});
const FULL = templateWith({
  otherKeys: [googleKey(), azureKey(), hsmKey(), jwtKey()],
  openWithOtherKeys: true,
  recoveryKeys: [recoveryKey()],
});
const AZURE = 'api://AzureADTokenExchange';
const { fingerprint, publicKey } = recoveryKey();

describe('a template of a vault with keys elsewhere', () => {
  test.each([
    ['with all kinds of keys', FULL],
    ['with an external share key', templateWith({ shareKey: signedGoogleKey() })],
  ])('is on the allow-list: %s', (_what, template) => {
    expect(audit(template)).toEqual([]);
  });

  test.each([
    [
      'the audience of a role’s statement',
      `"sts:IdentityTokenAudience":["${AZURE}"]`,
      '"sts:IdentityTokenAudience":["https://other.example"]',
    ],
    ['the duration', '"sts:DurationSeconds":"300"', '"sts:DurationSeconds":"3600"'],
    ['the operator for audiences', '"ForAllValues:StringEquals":{"sts:Id', '"ForAnyValue:StringEquals":{"sts:Id'],
    ['the algorithm', '"sts:SigningAlgorithm":"RS256"', '"sts:SigningAlgorithm":"ES384"'],
  ])('is a finding with another value of %s', (_what, from, to) => {
    expect(FULL).toContain(from);
    expect(audit(FULL.replaceAll(from, to))).not.toEqual([]);
  });

  test('is a finding if another recovery key takes the place of the published one', () => {
    const changed = FULL.replaceAll(publicKey, recoveryKey('safe-2026', 3_072).publicKey);

    expect(audit(changed)).toEqual(
      ['Keys/RecoveryKeys/Resource', 'Outputs/RecoveryKeys'].map(() => expect.stringContaining(fingerprint)),
    );
  });

  test('is a finding if a function may get tokens that it has no key for', () => {
    const statement = /\{"Action":"sts:GetWebIdentityToken"[^]*?"Sid":"AllowIdentityToken"\}/.exec(FULL)?.[0] ?? '';
    const changed = PLAIN.replace('{"Action":["xray:', `${statement},{"Action":["xray:`);

    expect(changed).not.toBe(PLAIN);
    expect(audit(changed)).not.toEqual([]);
  });
});
