import { describe, expect, test } from '@jest/globals';
import { generate } from '../../../tools/allow-list/generate';
import { synthesizeMatrix } from '../../../tools/allow-list/synthesize';
import { TUNABLES } from '../../../tools/allow-list/tunables';
import { auditTemplate } from '../../../local/audit';
import additions from '../../../local/audit/allow-list/additions.json';
import features from '../../../local/audit/allow-list/features.json';
import placeholders from '../../../local/audit/allow-list/placeholders.json';
import roles from '../../../local/audit/allow-list/roles.json';
import { environmentTemplate } from '../../support/environment-template';

const SAMPLES = synthesizeMatrix();
const ROLES = JSON.stringify([roles, additions]);
const KEY = 'AWS::KMS::Key';

/** Returns the paths of the findings in a vault whose resources of a type were changed. */
const findingsOf = (name: string, type: string, change: (properties: string) => string) => {
  const sample = SAMPLES.find((each) => each.name === name);
  const { Resources = {} } = sample?.template ?? {};
  const resources = Object.entries(Resources as Readonly<Record<string, { readonly Type: string }>>);
  const changed = resources.map(([id, resource]) => {
    return [id, resource.Type === type ? (JSON.parse(change(JSON.stringify(resource))) as object) : resource] as const;
  });
  expect(Object.fromEntries(changed)).not.toEqual(Resources);
  return auditTemplate({ ...sample?.template, Resources: Object.fromEntries(changed) }).map(({ path }) => path);
};

describe('the allow-list', () => {
  test('is what `npm run allow-list` takes from the reviewed vaults', () => {
    const generated = generate(SAMPLES, features, TUNABLES);

    expect(generated.problems).toEqual([]);
    expect(generated.roles).toEqual(roles);
    // the order of the members is the file's as well; its layout is checked with that of all files
    expect(JSON.stringify(generated.roles)).toBe(JSON.stringify(roles));
  });

  test.each(SAMPLES)('finds nothing in the vault $name', ({ template, environment }) => {
    expect(auditTemplate(template, { environments: [environment] })).toEqual([]);
  });

  test.each(['dev', 'staging', 'prod'] as const)('finds nothing in the template of %s, which has no paths', (name) => {
    expect(auditTemplate(environmentTemplate(name), { environments: [name] })).toEqual([]);
  });

  test.each(Object.keys(placeholders))('uses the placeholder %s', (name) => {
    expect(ROLES).toContain(`{${name}}`);
  });

  test.each(Object.keys(features))('asks for the feature %s', (name) => {
    expect(ROLES).toMatch(new RegExp(`"${name}":(\\[|")`));
  });
});

describe('a vault during a replacement of its share key', () => {
  test.each(['with a key that opens before it seals', 'with a former share key'])(
    'is refused a key that only opens and may seal too: %s',
    (name) => {
      const paths = findingsOf(name, KEY, (text) =>
        text.includes('"AllowSeal"') || !text.includes('"AllowUnseal"')
          ? text
          : text.replace('"Action":"kms:Decrypt"', '"Action":["kms:Decrypt","kms:GenerateDataKey"]'),
      );

      expect(new Set(paths)).toEqual(new Set(['Keys/RetiringKey/Key/Resource']));
    },
  );

  test('is refused each of several keys that only open if it may seal too, and has no finding without that', () => {
    const paths = findingsOf('with 4 former share keys', KEY, (text) =>
      text.includes('"AllowSeal"') || !text.includes('"AllowUnseal"')
        ? text
        : text.replace('"Action":"kms:Decrypt"', '"Action":["kms:Decrypt","kms:GenerateDataKey"]'),
    );

    expect([...new Set(paths)].sort()).toEqual(
      ['', '2', '3', '4'].map((place) => `Keys/RetiringKey${place}/Key/Resource`),
    );
  });

  test('is refused a share key that nobody may seal with', () => {
    const paths = findingsOf('with a former share key', KEY, (text) => text.replace('"AllowSeal"', '"AllowUnseal2"'));

    expect(paths).toContain('Keys/ShareKey/Key/Resource');
  });

  test('is refused functions that do not agree on the key that only opens', () => {
    const paths = findingsOf('with a former share key', 'AWS::Lambda::Function', (text) =>
      text.includes('-reseal"') ? text.replace('"SHARE_VAULT_OPENING_KEY_ARNS"', '"SHARE_VAULT_OTHER"') : text,
    );

    expect(paths).toContain('Reseal/Function/Function/Resource');
  });
});

describe('a vault that tests its restores', () => {
  const POLICY = 'AWS::IAM::ManagedPolicy';
  const MACHINE = 'AWS::StepFunctions::StateMachine';
  /** a statement by which a key's policy is told from that of another key */
  const WITNESS: Readonly<Record<string, string>> = {
    'Keys/ShareKey/Key/Resource': '"AllowRestoreCheck"',
    'Keys/RetiringKey/Key/Resource': '"AllowOpenCanary"',
  };

  test.each([
    [
      'whose state machine may change every cluster',
      POLICY,
      'RestoreTesting/MachineRole/Permissions/Resource',
      (text: string) => text.replaceAll(':cluster:awsbackup-restore-test-*', ':cluster:*'),
    ],
    [
      'whose role of AWS Backup may restore into every cluster',
      POLICY,
      'RestoreTesting/Role/Permissions/Resource',
      (text: string) => text.replaceAll(':cluster:awsbackup-restore-test-*', ':cluster:*'),
    ],
    [
      'whose function may log in as every user',
      POLICY,
      'RestoreTesting/Function/Role/Permissions/Resource',
      (text: string) => text.replace(':dbuser:*/vault_restore_checker', ':dbuser:*/*'),
    ],
    [
      'whose function may open records',
      KEY,
      'Keys/ShareKey/Key/Resource',
      (text: string) => text.replace('"kms:EncryptionContext:kind":"restore-canary",', ''),
    ],
    [
      'whose function may seal with a retiring key',
      KEY,
      'Keys/RetiringKey/Key/Resource',
      (text: string) => text.replace('"Action":"kms:Decrypt"', '"Action":["kms:Decrypt","kms:GenerateDataKey"]'),
    ],
    [
      'whose state machine makes a snapshot',
      MACHINE,
      'RestoreTesting/Machine',
      (text: string) => text.replace('rds:deleteDBInstance', 'rds:createDBClusterSnapshot'),
    ],
    [
      'whose canary is renewed never',
      'AWS::Events::Rule',
      'RestoreTesting/Canary/Resource',
      (text: string) => text.replace('cron(0 4 * * ? *)', 'cron(0 4 1 1 ? 2199)'),
    ],
  ])('has a finding if it is one %s', (_what, type, path, change) => {
    const only = (text: string) =>
      path.startsWith('Keys') && !text.includes(WITNESS[path] ?? '') ? text : change(text);

    expect(findingsOf('that tests its restores, with a former share key', type, only)).toContain(path);
  });
});

describe('the generator', () => {
  test('reports a difference that no feature explains and no tunable names', () => {
    const [usual, alike] = SAMPLES.filter(({ name }) => ['the usual one', 'with endpoints in one zone'].includes(name));
    const changed = JSON.stringify(usual).replaceAll('"TracingConfig":{"Mode":"Active"}', '"TracingConfig":{"Mode":"PassThrough"}'); // prettier-ignore

    const { problems } = generate(
      [JSON.parse(changed), alike].filter((sample) => sample !== undefined) as typeof SAMPLES,
      features,
      TUNABLES,
    );

    expect(problems[0]).toContain(
      'Functions/audit/Function/Resource Properties.TracingConfig.Mode: no few features explain',
    );
  });
});
