import { Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { AccessLogFormat } from 'aws-cdk-lib/aws-apigateway';
import * as apigateway from 'aws-cdk-lib/aws-apigatewayv2';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as logs from 'aws-cdk-lib/aws-logs';
import type * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import * as ssm from 'aws-cdk-lib/aws-ssm';
import { Construct, type IDependable } from 'constructs';
import { ENV } from '../lambda/contract/variables';
import type { BodyStoreOptions } from './body-store-options';
import type { FunctionOptions } from './function-options';
import { KEY_OPEN, KEY_SEAL, SECRET_READ } from './private/actions';
import { requireDuration, requireEnvironment, requireRemovalPolicy, requireWholeNumber } from './private/checks';
import { parameterName } from './private/names';
import { guardTemplate } from './private/final-template';
import { LIMITS } from './private/patterns';
import type { ShareDatabase } from './share-database';
import { SigningSecret } from './signing-secret';
import type { StorageKey } from './storage-key';
import type { TombstoneBucket } from './tombstone-bucket';
import { VaultFunction } from './vault-function';
import type { VaultKeys } from './vault-keys';
import type { VaultNetwork } from './vault-network';
import type { WebhookOptions } from './webhook-options';

/** Props of `Webhook`. */
export interface WebhookProps extends WebhookOptions, FunctionOptions, BodyStoreOptions {
  /** Environment of the vault. */
  readonly environment: string;
  /** Network of the vault. */
  readonly network: VaultNetwork;
  /** Database of the vault. */
  readonly database: ShareDatabase;
  /** Storage key of the vault. */
  readonly storageKey: StorageKey;
  /** Keys of the vault. */
  readonly keys: VaultKeys;
  /** Constructs that must exist before any alias is served. */
  readonly serveAfter: IDependable[];

  /**
   * Bucket of tombstones.
   *
   * @default - none
   */
  readonly tombstones?: TombstoneBucket;

  /**
   * Removal policy of the signing secret and the logs.
   *
   * @default RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE
   */
  readonly removalPolicy?: RemovalPolicy;
}

/** The only path of the API. */
const PATH = '/webhooks/dynamic';
/** Alias of the function that the API invokes. */
const ALIAS = 'live';

/** Fields of a request that API Gateway logs: no body, no query and no header, since one header is the signature. */
const ACCESS_LOG_FIELDS = {
  time: '$context.requestTime',
  requestId: '$context.requestId',
  // the response and the function's own log have this id too: it leads from one log to the other
  functionRequestId: '$context.awsEndpointRequestId',
  sourceIp: '$context.identity.sourceIp',
  route: '$context.routeKey',
  status: '$context.status',
  responseLength: '$context.responseLength',
  latency: '$context.responseLatency',
  integrationStatus: '$context.integrationStatus',
  integrationLatency: '$context.integrationLatency',
  // the reason why a request got no response from the handler: throttled, not allowed to invoke, timed out, crashed
  error: '$context.error.message',
  integrationError: '$context.integrationErrorMessage',
} as const;

/**
 * The webhook that Dynamic delivers to: an API with one route, a function that may open and seal the delivered
 * material, and the secret that proves the sender.
 */
export class Webhook extends Construct {
  /** API of the webhook. To use your own domain, map it to `api` and `stage`. */
  public readonly api: apigateway.IHttpApi;
  /** Stage of the API. */
  public readonly stage: apigateway.IHttpStage;
  /** URL to register at Dynamic. */
  public readonly url: string;
  /** Secret with which Dynamic signs its deliveries. */
  public readonly signingSecret: SigningSecret;
  /** Function that receives deliveries. */
  public readonly receive: VaultFunction;
  /** Access log of the API: time, source and status of each request, no body and no header. */
  public readonly accessLog: logs.ILogGroup;

  constructor(scope: Construct, id: string, props: WebhookProps) {
    super(scope, id);
    requireEnvironment(props.environment);
    if (props.removalPolicy !== undefined) requireRemovalPolicy(props.removalPolicy);
    guardTemplate(this, props.removalPolicy);
    this.signingSecret = new SigningSecret(this, 'SigningSecret', props);
    this.receive = this.createFunction(props);
    this.grant(props);

    const aliasArn = this.receive._createServiceAlias(ALIAS);
    const api = new apigateway.HttpApi(this, 'Api', {
      apiName: `share-vault-${props.environment}-webhook`,
      description: `share vault ${props.environment}: Dynamic delivers here`,
      createDefaultStage: false,
    });
    const [route] = api.addRoutes({
      path: PATH,
      methods: [apigateway.HttpMethod.POST],
      integration: new ReceiveIntegration('Receive', aliasArn),
    });
    if (!route) throw new Error(`expected a route for ${PATH}, got none`);
    this.receive._allowService(ALIAS, 'apigateway', api.arnForExecuteApi('POST', PATH, '*'));
    this.accessLog = new logs.LogGroup(this, 'AccessLog', {
      encryptionKey: props.storageKey.key,
      retention: props.logRetention ?? logs.RetentionDays.ONE_YEAR,
      removalPolicy: props.removalPolicy ?? RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
    });
    const stage = this.createStage(props, api);
    stage.node.addDependency(route);
    this.api = api;
    this.stage = stage;
    this.url = `${api.apiEndpoint}${PATH}`;
    this.publish(props.environment);
  }

  private createFunction(props: WebhookProps): VaultFunction {
    const { keys, database } = props;
    const { responseTimeout = Duration.seconds(database.pauses ? 25 : 3) } = props;
    requireDuration('responseTimeout', responseTimeout, 'milliseconds', LIMITS.responseTimeoutMs);
    const kidToArn = { ...keys._webhookKeyArns(), ...keys._privateKeyArns() };
    return new VaultFunction(this, 'Function', {
      ...props,
      handler: 'receive',
      elsewhere: keys._records.needsElsewhere('seal'),
      outside: keys._records.hasIdentity('seal'),
      audiences: [...keys._records.audiences('seal')],
      databaseUser: 'vault_receiver',
      variables: {
        ...keys._records.sealVariables(),
        [ENV.webhookKeys]: Stack.of(this).toJsonString(kidToArn),
        [ENV.webhookSecretArn]: this.signingSecret.secret.secretArn,
        [ENV.webhookBudgetMs]: String(responseTimeout.toMilliseconds()),
        ...props.tombstones?._variables,
      },
      // above the budget, so that the handler sends the response
      timeout: Duration.seconds(Math.floor(responseTimeout.toSeconds({ integral: false })) + 1),
      secretKeys: Object.values(keys.privateKeys).flatMap(({ encryptionKey }) => encryptionKey ?? []),
    });
  }

  private createStage(props: WebhookProps, api: apigateway.HttpApi): apigateway.HttpStage {
    const { throttleRate = 50, throttleBurst = 100 } = props;
    requireWholeNumber('throttleRate', throttleRate, LIMITS.throttleRate.min, LIMITS.throttleRate.max);
    requireWholeNumber('throttleBurst', throttleBurst, LIMITS.throttleBurst.min, LIMITS.throttleBurst.max);
    return new apigateway.HttpStage(this, 'Stage', {
      httpApi: api,
      stageName: '$default',
      autoDeploy: true,
      throttle: { rateLimit: throttleRate, burstLimit: throttleBurst },
      accessLogSettings: {
        destination: new apigateway.LogGroupLogDestination(this.accessLog),
        format: AccessLogFormat.custom(JSON.stringify(ACCESS_LOG_FIELDS)),
      },
    });
  }

  /**
   * Grants the function its rights: to open data from Dynamic, to wrap data keys, and to read two kinds of secret. It
   * can never unwrap the data that it sealed.
   */
  private grant({ keys, network, storageKey }: WebhookProps): void {
    const { role } = this.receive;
    const roleArns = [role.roleArn];
    const signingSecretArn = this.signingSecret.secret.secretArn;
    const privateKeys = Object.values(keys.privateKeys);
    const secretArns = [signingSecretArn, ...Object.values(keys._privateKeyArns())];
    keys._records.shareKey?.grantSeal(role);
    for (const key of keys.webhookKeys) key.grantOpen(role);
    iam.Grant.addToPrincipal({ grantee: role, actions: [SECRET_READ], resourceArns: secretArns });
    storageKey.grantReadSecret(role, signingSecretArn);
    for (const secret of privateKeys) this.grantKeyOf(secret);
    network._allowCalls('kms', roleArns, [KEY_SEAL], keys._records.shareKeyArns);
    network._allowCalls(
      'kms',
      roleArns,
      [KEY_OPEN],
      keys.webhookKeys.map((key) => key.keyArn),
    );
    network._allowCalls('secretsmanager', roleArns, [SECRET_READ], secretArns);
  }

  /**
   * Grants the use of a user's own key for one secret: the key's policy remains the user's, and the role's policy has
   * this statement.
   */
  private grantKeyOf({ encryptionKey, secretArn }: secretsmanager.ISecret): void {
    if (!encryptionKey) return;
    iam.Grant.addToPrincipal({
      grantee: this.receive.role,
      actions: [KEY_OPEN],
      resourceArns: [encryptionKey.keyArn],
      conditions: {
        StringEquals: {
          'kms:EncryptionContext:SecretARN': secretArn,
          'kms:ViaService': `secretsmanager.${Stack.of(this).region}.amazonaws.com`,
        },
      },
    });
  }

  private publish(environment: string): void {
    new ssm.StringParameter(this, 'Url', {
      parameterName: parameterName(environment, 'webhook', 'url'),
      description: 'URL to register at Dynamic',
      stringValue: this.url,
    });
    new ssm.StringParameter(this, 'Secret', {
      parameterName: parameterName(environment, 'webhook', 'secret'),
      description: "ARN of the secret that holds Dynamic's signing secret",
      stringValue: this.signingSecret.secret.secretArn,
    });
  }
}

/**
 * Passes requests of a route to an alias unchanged. CDK's own integration would need a reference to the function, and
 * adds a permission itself.
 */
class ReceiveIntegration extends apigateway.HttpRouteIntegration {
  constructor(
    id: string,
    private readonly aliasArn: string,
  ) {
    super(id);
  }

  bind(): apigateway.HttpRouteIntegrationConfig {
    return {
      type: apigateway.HttpIntegrationType.AWS_PROXY,
      uri: this.aliasArn,
      payloadFormatVersion: apigateway.PayloadFormatVersion.VERSION_2_0,
    };
  }
}
