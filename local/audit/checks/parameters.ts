import { type Check, problems } from './finding';
import { type VaultTemplate, at, ofType } from './template';

const PARAMETER = 'AWS::SSM::Parameter';
const FUNCTIONS = 'arn:${AWS::Partition}:lambda:${AWS::Region}:${AWS::AccountId}:function';

/** The published values by their paths below `/share-vault/<environment>/`. */
const PUBLISHED: Readonly<Record<string, string>> = {
  'keys/intake/intake-1': '${VaultKeysintakeintake1Key.Arn}',
  'keys/webhook/webhook-1': '${VaultKeyswebhookwebhook1Key.Arn}',
  'webhook/url': '${VaultWebhookApi.ApiEndpoint}/webhooks/dynamic',
  'webhook/secret': '${VaultWebhookSigningSecret}',
};

/** Each parameter holds the vault's own value: senders encrypt to any key, and administrators fill any secret. */
export const parametersHaveOwnValues: Check = (template) => [
  ...problems(PARAMETER, ofType(template, PARAMETER), ({ properties }) => {
    const name = String(at(properties, 'Name'));
    const [value, wanted] = [at(properties, 'Value'), leadsTo(template, name)];
    return value === wanted ? [] : [`expected ${name} to lead to ${wanted ?? 'nothing'}, got ${JSON.stringify(value)}`];
  }),
  ...Object.keys(PUBLISHED)
    .map((path) => `/share-vault/${template.environment}/${path}`)
    .filter((name) => !ofType(template, PARAMETER).some(({ properties }) => at(properties, 'Name') === name))
    .map((name) => ({ resource: PARAMETER, problem: `expected ${name}, got none` })),
];

function leadsTo({ environment }: VaultTemplate, name: string): string | undefined {
  const root = `/share-vault/${environment}/`;
  const path = name.startsWith(root) ? name.slice(root.length) : '';
  const [, actor, operation] = /^actors\/([a-z0-9-]+)\/([a-z]+)$/.exec(path) ?? [];
  return actor === undefined ? PUBLISHED[path] : `${FUNCTIONS}:share-vault-${environment}-${operation}:${actor}`;
}
