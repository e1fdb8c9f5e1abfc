import { describe, expect, test } from '@jest/globals';
import { Stack } from 'aws-cdk-lib';
import * as sns from 'aws-cdk-lib/aws-sns';
import { ALLOW_LIST, auditTemplate } from '../../../local/audit';
import type { JsonObject } from '../../../local/audit/json';
import { readResource } from '../../../local/audit/template';
import { TemplateAudit } from '../../../local/audit/template-audit';
import { environmentTemplate } from '../../support/environment-template';
import { vaultIn } from '../../composition/compositions';
import { cdkApp } from '../../support/synth';
import { templatesOf } from './composed/templates';
import { DISGUISED, OWN, SECTIONS } from './fresh/disguised';
import type { Intruder } from './fresh/intruders';
import { CHOICES, TOPIC } from './fresh/owners';

const audit = new TemplateAudit({ ...environmentTemplate('prod'), ...SECTIONS }, ALLOW_LIST);
const ids = new Map(audit.vaults.flatMap(({ members }) => [...members].map(([id, { name }]) => [name, id] as const)));

function findings(intruder: Intruder | undefined) {
  const body: JsonObject = intruder?.((path) => ids.get(path) ?? `no ${path}`) ?? {};
  return { body, found: audit.outside(readResource('Theirs', body)) };
}

describe('a resource beside a vault', () => {
  test.each(Object.keys(DISGUISED))('is a finding if it is %s', (name) => {
    const { body, found } = findings(DISGUISED[name]);

    expect(JSON.stringify(body)).not.toContain('"no ');
    expect(found).not.toEqual([]);
  });

  test.each(Object.keys(OWN))('is no finding if it is %s', (name) => {
    expect(findings(OWN[name]).found).toEqual([]);
  });
});

describe('a template', () => {
  const app = cdkApp();
  const stack = new Stack(app, 'Mine');
  const alarmTopic = new sns.Topic(stack, 'Alarms', { enforceSSL: true });
  (alarmTopic.node.defaultChild as sns.CfnTopic).overrideLogicalId(TOPIC.Ref);
  vaultIn(stack, { environment: 'prod', readers: 1, alarmTopic });
  const template = Object.values(templatesOf(app))[0] as JsonObject;
  const found = (changed: JsonObject, codeBuckets: readonly string[] = []) =>
    auditTemplate(changed, { environments: ['prod'], codeBuckets });

  test('has no findings before it is changed', () => {
    expect(found(template)).toEqual([]);
  });

  test.each(Object.keys(CHOICES))('with %s is found', (name) => {
    expect(found(CHOICES[name]?.(template) ?? template)).not.toEqual([]);
  });

  test('with code of another bucket has no findings if the bucket is named', () => {
    const changed = CHOICES['code of another bucket']?.(template) ?? template;

    expect(found(changed, ['theirs'])).toEqual([]);
  });

  test.each([
    ['AWS::RDS::DBCluster', { SourceDBClusterIdentifier: 'My-Vault' }],
    ['AWS::RDS::DBInstance', { DBClusterIdentifier: 'my-vault' }],
    ['AWS::RDS::DBProxyTargetGroup', { DBClusterIdentifiers: ['my-vault'] }],
    ['AWS::RDS::Integration', { SourceArn: 'arn:aws:rds:eu-west-1:111111111111:cluster:my-vault' }],
    ['AWS::Logs::SubscriptionFilter', { LogGroupName: '/aws/rds/cluster/my-vault/postgresql' }],
  ])('with another %s of a cluster of a chosen name, %j, is found', (Type, Properties) => {
    const { Resources, ...rest } = JSON.parse(
      JSON.stringify(template).replace(
        /(?<="DBClusterIdentifier":)\{"Fn::Join":.*?\]\]\}(?=,"DBClusterParameter)/,
        '"my-vault"',
      ),
    ) as { Resources: JsonObject };
    const named = new TemplateAudit({ ...rest, Resources }, ALLOW_LIST);

    expect(JSON.stringify(Resources)).toContain('"DBClusterIdentifier":"my-vault"');
    expect(named.outside(readResource('Theirs', { Type, Properties }))).not.toEqual([]);
    expect(named.outside(readResource('Theirs', { Type: 'AWS::S3::Bucket', Properties: { BucketName: 'my-vault' } }))).toEqual([]); // prettier-ignore
  });

  test('with an event pattern that only looks like a reference is found', () => {
    const text = JSON.stringify(template);
    const key = /(?<="ARN":\[)\{"Fn::GetAtt":\["\w*ShareKey\w*","Arn"\]\}/g;
    const forged = JSON.stringify({ 'Fn::Join': ['', ['$', '{Keys/ShareKey/Key/Resource#Arn}']] });
    const changed = text.replace(key, forged);

    expect(changed).toContain(forged);
    expect(found(JSON.parse(changed) as JsonObject)).not.toEqual([]);
  });
});
