import { isDeepStrictEqual } from 'node:util';
import { ENV } from '../../../lambda/contract/variables';
import { type Check, both, every, is, problems } from './finding';
import { policiesOf, allows } from './statements';
import { type VaultTemplate, at, members, ofType, roleOf } from './template';

const API = 'AWS::ApiGatewayV2::Api';
const INTEGRATION = 'AWS::ApiGatewayV2::Integration';
const STAGE = 'AWS::ApiGatewayV2::Stage';
const ROUTE = 'AWS::ApiGatewayV2::Route';
const FUNCTION = 'AWS::Lambda::Function';

/** The API has one path with one method, over HTTP, and admits no page of a browser. */
export const webhookHasOneRoute: Check = (template) => [
  ...both(
    every(ROUTE, ['RouteKey'], is('POST /webhooks/dynamic')),
    every(ROUTE, ['Target'], is('integrations/${VaultWebhookApiPOSTwebhooksdynamicReceive}')),
    every(API, ['CorsConfiguration'], is(undefined)),
    every(API, ['ProtocolType'], is('HTTP')),
  )(template),
  ...[ROUTE, API].flatMap((type) =>
    ofType(template, type)
      .slice(1)
      .map(({ id }) => ({ resource: id, problem: 'expected one of its kind, got another' })),
  ),
];

/** The default of API Gateway is the account's whole quota; the setting of one route overrides the default route's. */
export const deliveriesAreThrottled = both(
  every(STAGE, ['DefaultRouteSettings', 'ThrottlingRateLimit'], atMost(1_000)),
  every(STAGE, ['DefaultRouteSettings', 'ThrottlingBurstLimit'], atMost(1_000)),
  every(STAGE, ['RouteSettings'], is(undefined)),
);

const LOGGED =
  /^\$context\.(identity\.sourceIp|request(Id|Time)|awsEndpointRequestId|routeKey|status|error\.message|(response|integration)\w+)$/;

/** APIGateway.9: the stage logs to a group of the vault, in fields that hold neither body nor header. */
export const deliveriesAreLogged: Check = (template) =>
  problems(STAGE, ofType(template, STAGE), ({ properties }) => {
    const settings = at(properties, 'AccessLogSettings');
    const groups = ofType(template, 'AWS::Logs::LogGroup').map(({ id }) => `\${${id}.Arn}`);
    const fields = members(parsed(at(settings, 'Format'))).map(([, field]) => String(field));
    return [
      ...(groups.includes(String(at(settings, 'DestinationArn'))) ? [] : ['expected a log of the template, got none']),
      ...(fields.length === 0 ? ['expected fields to log, got none'] : []),
      ...fields.filter((field) => !LOGGED.test(field)).map((field) => `expected a reviewed field, got ${field}`),
    ];
  });

/**
 * Deliveries arrive unchanged, since the signature covers them, and at an alias: the handler's policy names only that,
 * and an unqualified function runs the code that was uploaded last.
 */
export const deliveriesGoToTheAlias = both(
  every(INTEGRATION, ['IntegrationUri'], {
    expected: 'the alias receive:live',
    holds: (uri) => /^arn:.*:function:share-vault-[a-z0-9-]+-receive:live$/.test(String(uri)),
  }),
  every(INTEGRATION, ['IntegrationType'], is('AWS_PROXY')),
  every(INTEGRATION, ['PayloadFormatVersion'], is('2.0')),
  every(INTEGRATION, ['RequestParameters'], is(undefined)),
  every(INTEGRATION, ['ResponseParameters'], is(undefined)),
);

/** The handler responds before Lambda ends it, and before the API times out. */
export const webhookAnswersInTime: Check = (template) =>
  problems(FUNCTION, receivers(template), ({ properties }) => {
    const budget = Number(at(properties, 'Environment', 'Variables', 'SHARE_VAULT_WEBHOOK_BUDGET_MS'));
    const timeout = Number(at(properties, 'Timeout')) * 1_000;
    return [
      ...(budget >= 500 && budget <= 29_000 ? [] : [`expected a budget of 500 to 29000 ms, got ${budget}`]),
      ...(timeout > budget && timeout <= 30_000 ? [] : [`expected a timeout over it, up to 30 s, got ${timeout} ms`]),
    ];
  });

/** The handler has the vault's own webhook keys, by name, and its own secret: with others it refuses deliveries. */
export const receiveHasOwnKeysAndSecret: Check = (template) =>
  problems(FUNCTION, receivers(template), ({ properties }) => {
    const variables = at(properties, 'Environment', 'Variables');
    const keys = parsed(at(variables, ENV.webhookKeys));
    const secret = at(variables, ENV.webhookSecretArn);
    return [
      ...(isDeepStrictEqual(keys, { 'webhook-1': '${VaultKeyswebhookwebhook1Key.Arn}' })
        ? []
        : [`expected its webhook keys by name, got ${JSON.stringify(keys)}`]),
      ...(secret === '${VaultWebhookSigningSecret}' ? [] : [`expected its signing secret, got ${String(secret)}`]),
    ];
  });

/** A function that logs in as another user than its role permits fails at its first call. */
export const functionsLogInAsTheirUser: Check = (template) =>
  problems(FUNCTION, loggingIn(template), ({ properties }) => {
    const user = String(at(properties, 'Environment', 'Variables', 'SHARE_VAULT_DB_USER'));
    const role = roleOf(properties);
    const allowed = ofType(template, 'AWS::IAM::Role')
      .filter(({ id }) => id === role)
      .flatMap((each) => policiesOf(template, each).flatMap(allows))
      .filter(({ actions }) => actions.includes('rds-db:connect'))
      .flatMap(({ resources }) => resources.map((arn) => arn.slice(arn.lastIndexOf('/') + 1)))
      // to the vault's own cluster, and to restored ones
      .filter((name, index, names) => names.indexOf(name) === index);
    return allowed.join() === user ? [] : [`expected the user ${allowed.join()} that its role may be, got ${user}`];
  });

function receivers(template: VaultTemplate) {
  return ofType(template, FUNCTION).filter(({ id }) => id === 'VaultWebhookFunction');
}

function loggingIn(template: VaultTemplate) {
  return ofType(template, FUNCTION).filter(
    ({ properties }) => at(properties, 'Environment', 'Variables', 'SHARE_VAULT_DB_AUTH') === 'iam',
  );
}

function atMost(limit: number) {
  return { expected: `1 to ${limit}`, holds: (value: unknown) => Number(value) >= 1 && Number(value) <= limit };
}

function parsed(format: unknown): unknown {
  try {
    return JSON.parse(String(format));
  } catch {
    return undefined;
  }
}
