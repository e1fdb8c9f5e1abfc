import { type App, Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { AccountRootPrincipal, type Grant, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Code, Function as LambdaFunction, Runtime } from 'aws-cdk-lib/aws-lambda';
import * as vault from '../../../lib';
import { cdkApp, fixtureBundles } from '../synth';

/** Makes one construct, or calls one method, with a value for one prop of it. */
export type Make = (value: unknown) => unknown;

const environment = 'staging';
const bundles = fixtureBundles();

/** The parts of a vault, made once and never synthesized; each `with…` makes one more construct from them. */
export class Parts {
  private count = 0;
  readonly app: App = cdkApp();
  readonly stack = new Stack(this.app, 'Parts');
  readonly storageKey = new vault.StorageKey(this.stack, 'StorageKey', { environment });
  readonly network = new vault.VaultNetwork(this.stack, 'Network', { environment, storageKey: this.storageKey });
  readonly database = this.databaseWith({});
  readonly keys = this.keysWith({});
  readonly own = { environment, bundles, network: this.network, database: this.database, storageKey: this.storageKey };
  readonly migration = new vault.Migration(this.stack, 'Migration', { ...this.own, keys: this.keys });
  readonly served = { ...this.own, keys: this.keys, serveAfter: [this.migration.trigger] };
  readonly functions = new vault.VaultFunctions(this.stack, 'Functions', this.served);
  readonly topic = new vault.AlarmTopic(this.stack, 'Topic', this.own).topic;
  readonly watched = { ...this.served, topic: this.topic, functions: this.functions, migration: this.migration };
  readonly role = new Role(this.stack, 'Role', { assumedBy: new ServicePrincipal('ecs-tasks.amazonaws.com') });

  databaseWith(props: object): vault.ShareDatabase {
    const { vpc, vpcSubnets } = this.network;
    return new vault.ShareDatabase(this.stack, this.id(), {
      environment,
      vpc,
      vpcSubnets,
      storageKey: this.storageKey,
      ...props,
    });
  }

  keysWith(props: object): vault.VaultKeys {
    return new vault.VaultKeys(this.stack, this.id(), {
      environment,
      intakeKeyIds: ['in'],
      webhookKeyIds: ['out'],
      ...props,
    });
  }

  functionWith(props: object): vault.VaultFunction {
    return new vault.VaultFunction(this.stack, this.id(), { ...this.own, handler: 'unseal', ...props });
  }

  webhookWith(props: object): vault.Webhook {
    return new vault.Webhook(this.stack, this.id(), { ...this.served, ...props });
  }

  resealWith(props: object): vault.Reseal {
    return new vault.Reseal(this.stack, this.id(), { ...this.served, ...props });
  }

  /** A whole vault, in an app of its own: no two of one environment share an account and region. */
  vaultWith(props: object): vault.ShareVault {
    return new vault.ShareVault(new Stack(cdkApp(), 'Own'), 'Vault', { environment, bundles, ...props });
  }

  importedWith(props: object): vault.IShareVault {
    return vault.ShareVault.fromShareVaultAttributes(this.stack, this.id(), { environment, ...props });
  }

  lookedUpWith(props: object): vault.IShareVault {
    return vault.ShareVault.fromLookup(this.stack, this.id(), { environment, ...props });
  }

  /** Grants as an actor, with each of the five methods: every one is to refuse, or none. */
  grantAs(actor: unknown): Grant[] {
    const imported = this.importedWith({});
    const options = { actor: actor as string };
    const grants = [
      () => imported.grantSeal(this.role, options),
      () => imported.grantUnseal(this.role, options),
      () => imported.grantRevoke(this.role, options),
      () => imported.grantReadProperties(this.role, options),
      () => imported.grantAudit(this.role, options),
    ];
    return grants.map((grant) => grant());
  }

  connectWith(props: object): void {
    this.importedWith({}).connect(this.consumer(), { actor: 'signer', ...props });
  }

  consumer(): LambdaFunction {
    const code = Code.fromInline('exports.handler = async () => 1');
    return new LambdaFunction(this.stack, this.id(), { runtime: Runtime.NODEJS_24_X, handler: 'index.handler', code });
  }

  backupWith(props: object): vault.DatabaseBackup {
    const { cluster } = this.database;
    const { storageKey } = this;
    const fixed = { environment, cluster, storageKey, plan: true };
    const given = { ...fixed, retention: Duration.days(1), removalPolicy: RemovalPolicy.RETAIN, ...props };
    return new vault.DatabaseBackup(this.stack, this.id(), given);
  }

  /** With its own database, which has a backup plan. */
  restoreTestingWith(props: object): vault.RestoreTesting {
    const database = this.databaseWith({ backupPlan: true });
    return new vault.RestoreTesting(this.stack, this.id(), { ...this.served, database, ...props });
  }

  /** Of a vault in an app of its own. */
  emergencyStopWith(props: object): vault.EmergencyStop {
    const own = this.vaultWith({});
    const assumedBy = new AccountRootPrincipal();
    return new vault.EmergencyStop(Stack.of(own), 'Stop', { vault: own, assumedBy, ...props });
  }

  rsaKeyWith(props: object): vault.RsaKey {
    const purpose = vault.RsaKeyPurpose.INTAKE;
    return new vault.RsaKey(this.stack, this.id(), { environment, purpose, kid: 'intake-1', ...props });
  }

  id(): string {
    this.count += 1;
    return `Part${this.count}`;
  }
}
