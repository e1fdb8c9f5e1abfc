import type { Page } from './blocks';

/** The code around a block of TypeScript: what the page says in words, such as "in a Stack". Imports of the block go before it. */
export interface Context {
  readonly before: string;
  readonly after?: string;
}

const IMPORTS = `import * as cdk from 'aws-cdk-lib';
import { Annotations, App, Duration, Stack } from 'aws-cdk-lib';
import * as apigatewayv2 from 'aws-cdk-lib/aws-apigatewayv2';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import * as sns from 'aws-cdk-lib/aws-sns';
import * as constructs from '@cdk-share-vault/constructs';
`;
const NAMES = 'IdentityAlarms, MaterialKind, Operation, ShareVault';

/** Inside a stack's constructor, with these values. The block may import the vault's names itself. */
export function inStack(values: string, names = NAMES): Context {
  return {
    before: `${IMPORTS}import { ${names} } from '@cdk-share-vault/constructs';
${values}
export class Mine extends cdk.Stack {
  constructor(app: cdk.App) {
    super(app, 'Mine');
`,
    after: '}\n}',
  };
}

/** Props of a vault. */
const PROPS: Context = {
  before: `import { readFileSync } from 'node:fs';
import { ExternalKey, RecoveryKey, type ShareVaultProps } from '@cdk-share-vault/constructs';
export const props: Partial<ShareVaultProps> = {`,
  after: '};\nvoid [readFileSync, ExternalKey, RecoveryKey];',
};

const VAULT = 'declare const vault: constructs.ShareVault;';

/** The contexts of the blocks that do not compile by themselves, by page and first line. */
export const CONTEXTS: Readonly<Partial<Record<Page, Readonly<Record<string, Context>>>>> = {
  'README.md': {
    "import { ShareVaultClient } from '@cdk-share-vault/client';": {
      before: `declare const walletId: string;
declare function sign(share: Uint8Array, apiKey: Uint8Array): Promise<string>;`,
    },
  },
  'docs/deploy.md': {
    "import { MaterialKind, Operation, ShareVault } from '@cdk-share-vault/constructs';": inStack(
      'declare const fn: lambda.Function, role: iam.Role;',
      '',
    ),
    "const vault = new ShareVault(this, 'Vault', { environment: 'prod', webhook: {} });": inStack(''),
    "new ShareVault(this, 'Vault', { environment: 'prod', tombstones: {} });": inStack(''),
    "new ShareVault(this, 'Vault', { environment: 'prod', tombstones: {}, accessLog: { retention: Duration.days(90) } });": inStack(''),
    "recoveryKeys: [RecoveryKey.offline({ name: 'safe-2026', publicKey: readFileSync('safe-2026.pem', 'utf8') })],": PROPS,
    'otherKeys: [': PROPS,
    'if (vault.webhook) {': inStack(
      `${VAULT} declare const domainName: apigatewayv2.DomainName;`,
    ),
    "const signed = s3.Bucket.fromBucketName(this, 'Signed', 'BUCKET');": inStack(
      'declare const codeSigningConfig: lambda.CodeSigningConfig;',
    ),
    "Annotations.of(vault).acknowledgeWarning('cdk-share-vault:imported-alarm-topic', 'its owner added the statements');": inStack(VAULT),
    "new ShareVault(this, 'Vault', { environment: 'prod', restoreTesting: {} });": inStack(''),
    "const identity = new Stack(app, 'VaultIdentity', { env: { account, region: 'us-east-1' } });": {
      before: `${inStack(VAULT).before.split('export class')[0]}declare const app: App, account: string;`,
    },
  },
  'docs/freeze.md': {
    "new EmergencyStop(this, 'EmergencyStop', {": inStack(`import { EmergencyStop } from '@cdk-share-vault/constructs';\n${VAULT}`), // prettier-ignore
  },
  'docs/dynamic.md': {
    "const vault = new ShareVault(this, 'Vault', { environment: 'prod', webhook: {} });": inStack(''),
    "new ShareVault(this, 'Vault', { environment: 'prod', webhook: {}, webhookKeyIds: ['webhook-1', 'webhook-2'] });": inStack(''),
    "const secret = Secret.fromSecretCompleteArn(this, 'Existing', secretCompleteArn);": inStack('declare const secretCompleteArn: string;'),
  },
  'docs/keys/google.md': {
    "import { Egress, ExternalKey } from '@cdk-share-vault/constructs';": inStack('', 'ShareVault'),
  },
  'docs/keys/azure.md': {
    "import { Egress, ExternalKey } from '@cdk-share-vault/constructs';": inStack('', 'ShareVault'),
  },
  'docs/keys/vault.md': {
    "import { Egress, ExternalKey, VaultLogin } from '@cdk-share-vault/constructs';": inStack('', 'ShareVault'),
  },
}; // prettier-ignore
