import { describe, expect, test } from '@jest/globals';
import { auditTemplate, describeFinding } from '../../../local/audit';
import { createAllowList } from '../../../local/audit/allow-list';
import roles from '../../../local/audit/allow-list/roles.json';
import type { JsonObject } from '../../../local/audit/json';
import type { RoleData } from '../../../local/audit/shape';
import { environmentTemplate } from '../../support/environment-template';

/** The list with one output more, independent of the outputs of today's vaults. */
const ALLOW_LIST = createAllowList({
  ...(roles as unknown as Readonly<Record<string, RoleData>>),
  'Outputs/Tested': {
    type: 'Output',
    count: 'one',
    attributes: {},
    properties: { Description: 'share vault {environment}: tested', Value: '${Keys/ShareKey/Key/Resource#Arn}' },
  },
});

const { Outputs, ...template } = environmentTemplate('staging') as unknown as { readonly Outputs: JsonObject };
const shareKey = Object.keys(environmentTemplate('staging').Resources).find((id) => id.startsWith('VaultKeysShareKey'));
const tested = (more: JsonObject) => ({
  ...template,
  Outputs: { ...Outputs, AnyTested: { Description: 'share vault staging: tested', Value: { 'Fn::GetAtt': [shareKey ?? '', 'Arn'] }, ...more } }, // prettier-ignore
});
const audit = (changed: unknown) => auditTemplate(changed, { allowList: ALLOW_LIST }).map(describeFinding);

describe('an output of a vault', () => {
  test('is recognized by its description and the end of its name', () => {
    expect(audit(tested({}))).toEqual([]);
  });

  test('is a finding if it leads elsewhere', () => {
    expect(audit(tested({ Value: 'arn:aws:kms:eu-west-1:111111111111:key/theirs' }))).toEqual([
      'Outputs.AnyTested (Outputs/Tested) Properties.Value: expected "${Keys/ShareKey/Key/Resource#Arn}", got "arn:aws:kms:eu-west-1:111111111111:key/theirs"',
    ]);
  });

  test('is a finding if there is none', () => {
    expect(audit({ ...template, Outputs })).toEqual(['(Outputs/Tested): expected Output, got none']);
  });

  test('is a finding if another stack reads a secret by it', () => {
    const secret = Object.keys(environmentTemplate('staging').Resources).find((id) => id.includes('SigningSecret'));
    const Value = { 'Fn::Sub': `{{resolve:secretsmanager:\${${secret ?? ''}}}}` };

    expect(audit({ ...tested({}), Outputs: { ...tested({}).Outputs, Leak: { Value } } })).toEqual([
      'Outputs.Leak: expected no value of a secret, got a dynamic reference',
    ]);
  });
});
