import { Duration, Stack } from 'aws-cdk-lib';
import * as apigateway from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import * as backup from 'aws-cdk-lib/aws-backup';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as actions from 'aws-cdk-lib/aws-cloudwatch-actions';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as events from 'aws-cdk-lib/aws-events';
import * as targets from 'aws-cdk-lib/aws-events-targets';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as logs from 'aws-cdk-lib/aws-logs';
import * as rds from 'aws-cdk-lib/aws-rds';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import * as sns from 'aws-cdk-lib/aws-sns';
import * as ssm from 'aws-cdk-lib/aws-ssm';
import * as triggers from 'aws-cdk-lib/triggers';
import type { Construct } from 'constructs';
import { join } from 'node:path';
import { HANDLERS } from '../../tools/build/bundle';

const BUNDLES = join(__dirname, '..', '..', 'dist', 'lambda');
const ALARMS = 33;

/** The resources of a vault by the CDK's own constructs with defaults: without the vault's policies and checks. */
export class BareStack extends Stack {
  constructor(scope: Construct, id: string, production: boolean) {
    super(scope, id);
    const key = new kms.Key(this, 'StorageKey', { enableKeyRotation: true });
    new kms.Key(this, 'ShareKey', { enableKeyRotation: true });
    for (const name of ['intake', 'webhook']) this.rsaKey(name);

    const vpc = new ec2.Vpc(this, 'Vpc', {
      maxAzs: 2,
      natGateways: 0,
      restrictDefaultSecurityGroup: true,
      subnetConfiguration: [{ name: 'isolated', subnetType: ec2.SubnetType.PRIVATE_ISOLATED }],
    });
    vpc.addFlowLog('FlowLog', { destination: ec2.FlowLogDestination.toCloudWatchLogs(this.logGroup('Flow', key)) });
    vpc.addInterfaceEndpoint('Kms', { service: ec2.InterfaceVpcEndpointAwsService.KMS });
    vpc.addInterfaceEndpoint('Secrets', { service: ec2.InterfaceVpcEndpointAwsService.SECRETS_MANAGER });

    const cluster = this.cluster(vpc, key, production);
    const functions = HANDLERS.map((name) => this.handler(name, vpc, key, cluster));
    new triggers.Trigger(this, 'Migrate', { handler: functions[0] ?? this.handler('none', vpc, key, cluster) });
    for (const fn of functions.slice(0, 5)) fn.addAlias('backend');
    this.webhook(functions, key);
    for (let n = 0; n < 9; n += 1) new ssm.StringParameter(this, `Parameter${n}`, { stringValue: `${n}` });

    const topic = new sns.Topic(this, 'Topic', { masterKey: key, enforceSSL: true });
    for (let n = 0; n < ALARMS; n += 1) {
      functions[n % functions.length]
        ?.metricErrors({ period: Duration.minutes(n + 1) })
        .createAlarm(this, `Alarm${n}`, { threshold: 1, evaluationPeriods: 1 })
        .addAlarmAction(new actions.SnsAction(topic));
    }
    for (let n = 0; n < 6; n += 1) {
      const rule = new events.Rule(this, `Rule${n}`, { eventPattern: { source: ['aws.kms'] } });
      rule.addTarget(new targets.SnsTopic(topic));
    }
    new cloudwatch.Dashboard(this, 'Dashboard', {
      widgets: functions.map((fn) => [
        new cloudwatch.GraphWidget({ left: [fn.metricInvocations(), fn.metricErrors()] }),
      ]),
    });
    if (id !== 'dev') this.backupPlan(cluster, key);
  }

  private rsaKey(name: string): void {
    new kms.Key(this, name, { keySpec: kms.KeySpec.RSA_4096, keyUsage: kms.KeyUsage.ENCRYPT_DECRYPT });
  }

  private logGroup(id: string, encryptionKey: kms.IKey): logs.LogGroup {
    return new logs.LogGroup(this, `${id}Log`, { encryptionKey, retention: logs.RetentionDays.ONE_YEAR });
  }

  private cluster(vpc: ec2.IVpc, key: kms.IKey, production: boolean): rds.DatabaseCluster {
    const engine = rds.DatabaseClusterEngine.auroraPostgres({
      version: rds.AuroraPostgresEngineVersion.of('17.9', '17'),
    });
    return new rds.DatabaseCluster(this, 'Cluster', {
      engine,
      vpc,
      vpcSubnets: { subnetType: ec2.SubnetType.PRIVATE_ISOLATED },
      writer: rds.ClusterInstance.serverlessV2('writer'),
      readers: production ? [rds.ClusterInstance.serverlessV2('reader', { scaleWithWriter: true })] : [],
      storageEncryptionKey: key,
      iamAuthentication: true,
      parameterGroup: new rds.ParameterGroup(this, 'Parameters', { engine, parameters: { 'rds.force_ssl': '1' } }),
      credentials: rds.Credentials.fromGeneratedSecret('vault_master', { encryptionKey: key }),
    });
  }

  private handler(name: string, vpc: ec2.IVpc, key: kms.IKey, cluster: rds.DatabaseCluster): lambda.Function {
    const role = new iam.Role(this, `${name}Role`, { assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com') });
    const fn = new lambda.Function(this, name, {
      runtime: lambda.Runtime.NODEJS_24_X,
      architecture: lambda.Architecture.ARM_64,
      handler: 'index.handler',
      code: lambda.Code.fromAsset(join(BUNDLES, name)),
      role,
      vpc,
      vpcSubnets: { subnetType: ec2.SubnetType.PRIVATE_ISOLATED },
      logGroup: this.logGroup(name, key),
      environmentEncryption: key,
      environment: { SHARE_VAULT_ENVIRONMENT: name },
      tracing: lambda.Tracing.ACTIVE,
      retryAttempts: 0,
    });
    new iam.ManagedPolicy(this, `${name}Policy`, {
      roles: [role],
      statements: [new iam.PolicyStatement({ actions: ['kms:Decrypt'], resources: [key.keyArn] })],
    });
    cluster.connections.allowDefaultPortFrom(fn);
    return fn;
  }

  private webhook(functions: readonly lambda.Function[], encryptionKey: kms.IKey): void {
    const [receive, migrate] = functions.slice(-2).map((fn) => fn.addAlias('live'));
    if (!receive || !migrate) throw new Error('expected the functions receive and migrate, got fewer');
    const api = new apigateway.HttpApi(this, 'Api', { createDefaultStage: false });
    const integration = new HttpLambdaIntegration('Receive', receive);
    api.addRoutes({ path: '/webhooks/dynamic', methods: [apigateway.HttpMethod.POST], integration });
    new apigateway.HttpStage(this, 'Stage', {
      httpApi: api,
      autoDeploy: true,
      throttle: { rateLimit: 50, burstLimit: 100 },
      accessLogSettings: { destination: new apigateway.LogGroupLogDestination(this.logGroup('Access', encryptionKey)) },
    });
    new secretsmanager.Secret(this, 'Secret', { encryptionKey }).grantRead(receive);
    new events.Rule(this, 'Daily', {
      schedule: events.Schedule.rate(Duration.days(1)),
      targets: [new targets.LambdaFunction(migrate)],
    });
  }

  private backupPlan(cluster: rds.DatabaseCluster, encryptionKey: kms.IKey): void {
    const backupVault = new backup.BackupVault(this, 'BackupVault', { encryptionKey });
    const plan = backup.BackupPlan.daily35DayRetention(this, 'BackupPlan', backupVault);
    plan.addSelection('Database', { resources: [backup.BackupResource.fromRdsDatabaseCluster(cluster)] });
  }
}
