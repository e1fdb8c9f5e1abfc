import type { Json, JsonObject } from '../../../../local/audit/json';

export const TOPIC = { Ref: 'Alarms' };
export const CODE_BUCKET = { 'Fn::Sub': 'cdk-hnb659fds-assets-${AWS::AccountId}-${AWS::Region}' };

/** A change of a template with an alarm topic of the owner's. */
export type Change = (template: JsonObject) => JsonObject;

function instead(of: Json, value: Json): Change {
  return (template) => {
    const text = JSON.stringify(template);
    if (!text.includes(JSON.stringify(of))) throw new Error(`expected ${JSON.stringify(of)} in the template, got none`);
    return JSON.parse(text.replaceAll(JSON.stringify(of), JSON.stringify(value))) as JsonObject;
  };
}

function also(section: string, more: JsonObject): Change {
  return (template) => ({ ...template, [section]: { ...(template[section] as JsonObject | undefined), ...more } });
}

const both =
  (first: Change, second: Change): Change =>
  (template) =>
    second(first(template));
const macro = { 'Fn::Transform': { Name: 'Theirs' } };

/** Choices of an owner, made so that nothing is left of them; and changes of a template from within. */
export const CHOICES: Readonly<Record<string, Change>> = {
  'no alarm topic': instead(TOPIC, { Ref: 'AWS::NoValue' }),
  'an alarm topic on a condition': instead(TOPIC, { 'Fn::If': ['Never', TOPIC, { Ref: 'AWS::NoValue' }] }),
  'an empty alarm topic': instead(TOPIC, ''),
  'a function for the alarms': instead(TOPIC, 'arn:aws:lambda:eu-west-1:111111111111:function:theirs'),
  'a bucket for the alarms': both(instead(TOPIC, { Ref: 'Theirs' }), also('Resources', { Theirs: { Type: 'AWS::S3::Bucket' } })), // prettier-ignore
  'code of another bucket': instead(CODE_BUCKET, 'theirs'),
  "code of another account's bucket": instead(CODE_BUCKET, { 'Fn::Sub': 'cdk-hnb659fds-assets-222222222222-${AWS::Region}' }), // prettier-ignore
  "code of a parameter's default": both(
    instead(CODE_BUCKET, { Ref: `AssetParameters${'a'.repeat(64)}S3Bucket01234567` }),
    also('Parameters', { [`AssetParameters${'a'.repeat(64)}S3Bucket01234567`]: { Type: 'String', Default: 'theirs' } }),
  ),
  'a macro among the resources': also('Resources', macro),
  'a macro in a resource': also('Resources', { Theirs: { Type: 'AWS::S3::Bucket', ...macro } }),
  'a macro in a property': also('Resources', {
    Theirs: { Type: 'AWS::S3::Bucket', Properties: { BucketName: macro } },
  }),
  'a macro among the outputs': also('Outputs', macro),
  'a macro in the mappings': also('Mappings', { Theirs: macro }),
  'a macro in the conditions': also('Conditions', macro),
  "an output of a secret whose name is a parameter's default": both(
    also('Outputs', { Theirs: { Value: { 'Fn::Sub': '{{resolve:secretsmanager:${Name}}}' } } }),
    also('Parameters', { Name: { Type: 'String', Default: 'share-vault/prod/webhook-signing-secret' } }),
  ),
};
