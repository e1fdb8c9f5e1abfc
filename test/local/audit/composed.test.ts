import { describe, expect, test } from '@jest/globals';
import { App, CfnResource, NestedStack, Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as sns from 'aws-cdk-lib/aws-sns';
import { ALLOW_LIST, auditTemplate, describeFinding } from '../../../local/audit';
import { isObject } from '../../../local/audit/json';
import { TemplateAudit } from '../../../local/audit/template-audit';
import { EmergencyStop } from '../../../lib/emergency-stop';
import { MaterialKind } from '../../../lib/material-kind';
import { Operation } from '../../../lib/operation';
import { ShareKey } from '../../../lib/share-key';
import { compose, consumerIn, vaultIn } from '../../composition/compositions';
import { consumerStack } from '../emulator/deploy/consumer-stack';
import { cdkApp } from '../../support/synth';
import { SURROUNDINGS } from './composed/surroundings';
import { templatesOf } from './composed/templates';
import { INTRUDERS } from './fresh/intruders';

/** Each in an app of its own, so that the vault is somewhere else each time. */
const COMPOSED = [
  'with a consumer in a nested stack',
  'in a nested stack, with a consumer in its parent',
  'in a stage, with a consumer in another stack of it',
  'with a consumer in another account, which imports it',
  'beside another vault in the same stack, with a consumer of both',
  "with a webhook that opens another stack's private key, under a key there",
  "in another stack's network, with endpoints, a consumer and a topic there",
  'with a consumer inside its own network',
];

const lines = (template: unknown, stacks?: Readonly<Record<string, unknown>>) =>
  auditTemplate(template, stacks && { stacks }).map(describeFinding);

describe('a vault in a larger app', () => {
  test.each(COMPOSED)('%s, has no findings in any template', (name) => {
    const templates = templatesOf(compose(name).app);

    const found = Object.entries(templates).map(([stack, template]) => [stack, lines(template, templates)]);

    expect(found).toEqual(Object.keys(templates).map((stack) => [stack, []]));
  });

  test('and roles with grants for a part of it have no findings', () => {
    const app = cdkApp();
    consumerStack(app);

    expect(Object.values(templatesOf(app)).flatMap((template) => lines(template))).toEqual([]);
  });

  test.each([{}, { env: { account: '111111111111', region: 'us-east-1' } }])(
    'without any feature flag of the CDK has no findings in a stack with %j',
    (props) => {
      const app = new App();
      const stack = new Stack(app, 'Mine', props);
      const zones = 'env' in props ? { availabilityZones: ['us-east-1a', 'us-east-1b'] } : {};
      vaultIn(stack, { webhook: {}, ...zones }).connect(consumerIn(stack), { actor: 'signer' });

      expect(Object.values(templatesOf(app)).flatMap((template) => lines(template))).toEqual([]);
    },
  );

  test.each(Object.keys(SURROUNDINGS))('%s, has no findings', (name) => {
    const app = cdkApp();
    SURROUNDINGS[name]?.(app);
    const templates = templatesOf(app);

    expect(Object.values(templates).flatMap((template) => lines(template, templates))).toEqual([]);
    expect(JSON.stringify(templates)).toContain('share-vault:environment');
  });

  test('has findings if a template has to hold another one', () => {
    const [template] = Object.values(templatesOf(compose('by itself').app));

    expect(auditTemplate(template, { environments: ['staging', 'prod'] }).map(describeFinding)).toEqual([
      'template: expected a vault of the environment prod, got none',
    ]);
  });
});

describe('a resource that a consumer adds beside a vault', () => {
  const app = cdkApp();
  const vault = vaultIn(new Stack(app, 'Mine'), { environment: 'prod', readers: 1, webhook: {} });
  vault.addActor('backend', { kinds: [MaterialKind.DELEGATED_SHARE], operations: [Operation.UNSEAL] });
  const [template = {}] = Object.values(templatesOf(app));
  const audit = new TemplateAudit(template, ALLOW_LIST);
  const ids = new Map(audit.vaults.flatMap(({ members }) => [...members].map(([id, { name }]) => [name, id] as const)));

  test.each(Object.keys(INTRUDERS))('is a finding if it is %s', (name) => {
    const body = INTRUDERS[name]?.((path) => ids.get(path) ?? `no ${path}`) ?? { Type: '', Properties: {} };

    const findings = audit.outside({ id: 'Theirs', type: body.Type, body, path: undefined, environment: undefined });

    expect(findings.length).toBeGreaterThan(0);
    expect(JSON.stringify(body)).not.toContain('"no ');
  });
});

describe('what a consumer adds by the CDK', () => {
  function withChange(change: (stack: Stack, vault: ReturnType<typeof vaultIn>) => void): readonly string[] {
    const app = cdkApp();
    const stack = new Stack(app, 'Mine');
    change(stack, vaultIn(stack));
    return Object.values(templatesOf(app)).flatMap((template) => lines(template));
  }

  test('is no finding if it is a subscription to the alarms', () => {
    expect(
      withChange((_, vault) => {
        vault.alarmTopic.addSubscription({ bind: () => ({ subscriberId: 'Mail', protocol: sns.SubscriptionProtocol.EMAIL, endpoint: 'me@example.invalid' }) }); // prettier-ignore
      }),
    ).toEqual([]);
  });

  test('is no finding if it is an emergency stop', () => {
    expect(
      withChange((stack, vault) => {
        const assumedBy = new iam.ArnPrincipal('arn:aws:iam::111111111111:role/OnCall');
        new EmergencyStop(stack, 'Stop', { vault, assumedBy, requireMfa: true });
      }),
    ).toEqual([]);
  });

  test('is no finding if it is an emergency stop of a vault that tests its restores and replaces its share key', () => {
    const app = cdkApp();
    const stack = new Stack(app, 'Mine');
    const environment = 'staging-2';
    const shareKey = new ShareKey(stack, 'ShareKey2', { environment });
    const vault = vaultIn(stack, {
      environment,
      shareKey,
      retiringShareKeys: [ShareKey.ofVault()],
      restoreTesting: {},
    });
    new EmergencyStop(stack, 'Stop', { vault, assumedBy: new iam.AccountRootPrincipal(), requireMfa: true });

    expect(Object.values(templatesOf(app)).flatMap((template) => lines(template))).toEqual([]);
  });

  test('is a finding if it opens a key policy', () => {
    const findings = withChange((_, vault) => {
      vault.storageKey.key.addToResourcePolicy(
        new iam.PolicyStatement({ actions: ['kms:*'], principals: [new iam.AnyPrincipal()], resources: ['*'] }),
      );
    });

    expect(findings).toEqual([
      'VaultStorageKey111A37BE (StorageKey/Key/Resource) Properties.KeyPolicy.Statement: expected no such permission, got Allow kms:* to *',
    ]);
  });

  test('is a finding if it overrides a property', () => {
    const findings = withChange((_, vault) => {
      const cluster = vault.node.findChild('Database').node.findChild('Cluster').node.defaultChild;
      (cluster as CfnResource).addPropertyOverride('CopyTagsToSnapshot', false);
    });

    expect(findings).toEqual([
      'VaultDatabaseClusterB7599A39 (Database/Cluster/Resource) Properties.CopyTagsToSnapshot: expected true, got false',
    ]);
  });

  test('is a finding if it is a resource below the vault that the vault does not make', () => {
    const findings = withChange((_, vault) => {
      new CfnResource(vault, 'Theirs', {
        type: 'AWS::SQS::Queue',
        properties: { Tags: [{ Key: 'share-vault:environment', Value: 'staging' }] },
      });
    });

    expect(findings).toEqual([expect.stringContaining('expected no such resource, got AWS::SQS::Queue')]);
  });

  test("is a finding if another stack's policy decrypts with a key that the vault's stack exports", () => {
    const app = cdkApp();
    const vault = vaultIn(new Stack(app, 'Mine'));
    const theirs = new Stack(app, 'Theirs');
    const role = new iam.Role(theirs, 'Role', { assumedBy: new iam.ServicePrincipal('ec2.amazonaws.com') });
    role.addToPolicy(new iam.PolicyStatement({ actions: ['kms:Decrypt'], resources: [vault.keys.shareKey.keyArn] }));
    const templates = templatesOf(app);

    expect(lines(templates.Theirs, templates)).toEqual([
      expect.stringContaining('got Allow kms:Decrypt on ${Keys/ShareKey/Key/Resource#Arn}'),
    ]);
  });
});

describe("a parent's policy", () => {
  const app = cdkApp();
  const parent = new Stack(app, 'Mine');
  const vault = vaultIn(new NestedStack(parent, 'Nested'));
  const role = new iam.Role(parent, 'Role', { assumedBy: new iam.ServicePrincipal('ec2.amazonaws.com') });
  role.addToPolicy(new iam.PolicyStatement({ actions: ['kms:Decrypt'], resources: [vault.keys.shareKey.keyArn] }));
  const templates = templatesOf(app);
  const [nested] = Object.entries(templates).filter(([name]) => name.includes('nested'));
  const [id = ''] = Object.entries(
    (templates.Mine as { Resources: Record<string, { Type: string }> }).Resources,
  ).flatMap(([each, { Type }]) => (Type === 'AWS::CloudFormation::Stack' ? [each] : []));

  test('is a finding if it decrypts with a key that a nested vault returns', () => {
    expect(lines(templates.Mine, { [id]: nested?.[1] })).toEqual([
      expect.stringContaining('got Allow kms:Decrypt on ${Keys/ShareKey/Key/Resource#Arn}'),
    ]);
  });

  test('does not keep the nested vault from being found', () => {
    expect(auditTemplate(nested?.[1], { environments: ['staging'] })).toEqual([]);
  });
});

describe('a finding', () => {
  test('never quotes the value of a variable', () => {
    const [template] = Object.values(templatesOf(compose('by itself').app));
    const text = JSON.stringify(template).replace('"SHARE_VAULT_DB_AUTH":"iam"', '"SHARE_VAULT_DB_AUTH":"iam","PGPASSWORD":"a-word-to-keep"'); // prettier-ignore

    const findings = lines(JSON.parse(text));

    expect(findings).toEqual([expect.stringContaining('PGPASSWORD: expected none, got a text of 14 characters')]);
  });

  test('is thrown for what is no template', () => {
    expect(() => auditTemplate({ Transform: 'AWS::Serverless-2016-10-31' })).toThrow(
      'template: expected an object with Resources, got none',
    );
  });

  test('names a macro and hooks, which could change any resource', () => {
    const [template] = Object.values(templatesOf(compose('by itself').app));

    expect(lines({ ...(isObject(template) ? template : {}), Transform: 'Theirs', Hooks: {} })).toEqual([
      'template: expected a template without hooks, got Hooks',
      'template: expected a template without macros, got Transform',
    ]);
  });
});
