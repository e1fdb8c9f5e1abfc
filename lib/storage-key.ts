import { ArnFormat, Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as kms from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';
import { KEY_CREATE_GRANT, KEY_OPEN, KEY_PUBLISH, KEY_ROTATION, KEY_STORAGE } from './private/actions';
import { requireEnvironment, requireRemovalPolicy, requireRotation, requireTextOrToken } from './private/checks';
import { guardTemplate } from './private/final-template';
import { accountRoot } from './private/key-policy';
import { createKey } from './private/own-key';
import { PATTERNS } from './private/patterns';

/** Props of `StorageKey`. */
export interface StorageKeyProps {
  /** Environment of the vault. */
  readonly environment: string;

  /**
   * Interval at which KMS rotates the key's material, 90 to 2,560 days.
   *
   * @default Duration.days(90)
   */
  readonly rotationPeriod?: Duration;

  /**
   * Removal policy of the key. Without the key, neither the database nor its backups can be read.
   *
   * @default RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE
   */
  readonly removalPolicy?: RemovalPolicy;
}

/** Services that store the vault's data under the storage key, for an identity of this account. */
const STORING_SERVICES = ['backup', 'lambda', 'rds', 'secretsmanager'] as const;

/**
 * The KMS key for data at rest: database, backups, secrets, logs, functions' environments, topics. It never wraps a
 * record's data key: a principal that can use it sees only ciphertext.
 */
export class StorageKey extends Construct {
  /**
   * Key for constructs that encrypt under it. Its `grant` methods write no key policy; use this construct's methods.
   */
  public readonly key: kms.IKey;

  constructor(scope: Construct, id: string, props: StorageKeyProps) {
    super(scope, id);
    const { rotationPeriod = Duration.days(90), removalPolicy = RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE } = props;
    requireEnvironment(props.environment);
    requireRotation(rotationPeriod);
    requireRemovalPolicy(removalPolicy);
    guardTemplate(this, removalPolicy);

    this.key = createKey(this, {
      description: `share vault ${props.environment}: data at rest`,
      enableKeyRotation: true,
      rotationPeriod,
      furtherAdministration: KEY_ROTATION,
      removalPolicy,
    });
    this.allowStoringServices();
    this.allowPublishers();
    // a log group without a fixed name begins with its stack's name
    this.allowLogGroups(`${Stack.of(this).stackName}-*`);
  }

  /**
   * Lets CloudWatch Logs encrypt the log groups of this account and region with a name that matches the pattern. A
   * pattern instead of an ARN: the group depends on the key, so the key can't depend on the group.
   */
  public allowLogGroups(namePattern: string): void {
    requireTextOrToken('namePattern', namePattern, PATTERNS.logGroups);
    const stack = Stack.of(this);
    const arn = stack.formatArn({
      service: 'logs',
      resource: 'log-group',
      resourceName: namePattern,
      arnFormat: ArnFormat.COLON_RESOURCE_NAME,
    });
    this.key.addToResourcePolicy(
      new iam.PolicyStatement({
        principals: [new iam.ServicePrincipal(`logs.${stack.region}.amazonaws.com`)],
        actions: [...KEY_STORAGE],
        resources: ['*'],
        conditions: { ArnLike: { 'kms:EncryptionContext:aws:logs:arn': arn } },
      }),
    );
  }

  /** Grants a role the right to read one secret that Secrets Manager encrypts under this key. */
  public grantReadSecret(role: iam.IRole, secretArn: string): iam.Grant {
    requireTextOrToken('secretArn', secretArn, PATTERNS.secretArn);
    return iam.Grant.addToPrincipal({
      grantee: role,
      actions: [KEY_OPEN],
      resourceArns: [this.key.keyArn],
      conditions: {
        StringEquals: {
          'kms:EncryptionContext:SecretARN': secretArn,
          'kms:ViaService': `secretsmanager.${Stack.of(this).region}.amazonaws.com`,
        },
      },
    });
  }

  /**
   * Lets RDS, Secrets Manager, Lambda and Backup use the key: they act with the permissions of the identity that
   * deploys or calls them.
   */
  private allowStoringServices(): void {
    const stack = Stack.of(this);
    const through = {
      'kms:CallerAccount': stack.account,
      'kms:ViaService': STORING_SERVICES.map((service) => `${service}.${stack.region}.amazonaws.com`),
    };
    this.key.addToResourcePolicy(
      new iam.PolicyStatement({
        sid: 'AllowStorageServices',
        principals: [accountRoot(this)],
        actions: [...KEY_STORAGE],
        resources: ['*'],
        conditions: { StringEquals: through },
      }),
    );
    this.key.addToResourcePolicy(
      new iam.PolicyStatement({
        sid: 'AllowStorageServiceGrants',
        principals: [accountRoot(this)],
        actions: [KEY_CREATE_GRANT],
        resources: ['*'],
        conditions: { StringEquals: through, Bool: { 'kms:GrantIsForAWSResource': 'true' } },
      }),
    );
  }

  /**
   * Lets alarms and event rules publish to encrypted topics of this account and region. EventBridge sends no source
   * with its calls: only the topic, in the encryption context that SNS adds, limits its use of the key. A pattern
   * instead of an ARN: the topic depends on the key, so the key can't depend on the topic.
   */
  private allowPublishers(): void {
    const stack = Stack.of(this);
    const topics = stack.formatArn({ service: 'sns', resource: '*' });
    const use = { actions: [...KEY_PUBLISH], resources: ['*'] };
    this.key.addToResourcePolicy(
      new iam.PolicyStatement({
        ...use,
        sid: 'AllowAlarmsFromCloudWatch',
        principals: [new iam.ServicePrincipal('cloudwatch.amazonaws.com')],
        conditions: { StringEquals: { 'aws:SourceAccount': stack.account } },
      }),
    );
    this.key.addToResourcePolicy(
      new iam.PolicyStatement({
        ...use,
        sid: 'AllowAlarmsFromEventBridge',
        principals: [new iam.ServicePrincipal('events.amazonaws.com')],
        conditions: { ArnLike: { 'kms:EncryptionContext:aws:sns:topicArn': topics } },
      }),
    );
  }
}
