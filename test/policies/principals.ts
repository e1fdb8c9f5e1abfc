import { EVERYTHING, type PolicyDocument, VERSION } from '../support/iam/document';
import { ACCOUNT, arn } from '../support/iam/physical';
import type { VaultPolicies } from '../support/iam/vault-policies';
import { PARTNER } from './vault-app';

/** The account of an administrator who has nothing to do with the vault. */
export const ELSEWHERE = '222222222222';

export interface Principal {
  readonly name: string;
  /** What asks: a session of a role, or an account's root. */
  readonly arn: string;
  /** `aws:PrincipalArn`: the role behind the session. */
  readonly identity: string;
  readonly account: string;
  readonly policies: readonly PolicyDocument[];
  /** The function whose role it is. Lambda names it in each request; nobody else's requests can. */
  readonly functionArn?: string;
  /** Whether its calls pass the vault's endpoints. */
  readonly inNetwork: boolean;
}

/** The roles of a vault's functions. */
export function functionRoles(vault: VaultPolicies): readonly Principal[] {
  return vault.functionNames().map((name) => {
    const identity = vault.roleOfFunction(name);
    const own = name.startsWith('share-vault-');
    return {
      ...session(shortName(name), identity),
      policies: vault.identityPolicies(identity),
      functionArn: arn('lambda', `function:${name}`),
      inNetwork: own,
    };
  });
}

/** Who else there is. Nobody's calls but the functions' pass the vault's endpoints: that is the harsher question. */
export function people(vault: VaultPolicies): readonly Principal[] {
  const consumer = vault.roleArn('Consumer');
  const feeder = vault.roleArn('Feeder');
  const root = `arn:aws:iam::${ACCOUNT}:root`;
  return [
    { ...session('consumer', consumer), policies: vault.identityPolicies(consumer) },
    { ...session('feeder', feeder), policies: vault.identityPolicies(feeder) },
    // the root user needs no policy to have what the account has
    { name: 'root', arn: root, identity: root, account: ACCOUNT, policies: [EVERYTHING], inNetwork: false },
    { ...session('admin', role('Admin')), policies: [EVERYTHING] },
    { ...session('stranger', role('Stranger')), policies: [] },
    { ...session('partner', role('Partner', PARTNER), PARTNER), policies: [invokes(vault, 'partner')] },
    { ...session('partner admin', role('Admin', PARTNER), PARTNER), policies: [EVERYTHING] },
    { ...session('foreign admin', role('Admin', ELSEWHERE), ELSEWHERE), policies: [EVERYTHING] },
  ];
}

/** Whom the sample service control policy leaves alone. */
export function exempt(): readonly Principal[] {
  return [
    { ...session('deploy', role('cdk-sharevault-cfn-exec-role-111111111111-eu-central-1')), policies: [EVERYTHING] },
    { ...session('break-glass', role('share-vault-break-glass')), policies: [EVERYTHING] },
  ];
}

function session(name: string, identity: string, account = ACCOUNT): Omit<Principal, 'policies'> {
  const roleName = identity.slice(identity.lastIndexOf('/') + 1);
  return { name, arn: `arn:aws:sts::${account}:assumed-role/${roleName}/session`, identity, account, inNetwork: false };
}

function role(name: string, account = ACCOUNT): string {
  return `arn:aws:iam::${account}:role/${name}`;
}

function invokes(vault: VaultPolicies, actor: string): PolicyDocument {
  return {
    Version: VERSION,
    Statement: [
      {
        Effect: 'Allow',
        Action: 'lambda:InvokeFunction',
        Resource: arn('lambda', `function:share-vault-${vault.environment}-unseal:${actor}`),
      },
    ],
  };
}

function shortName(functionName: string): string {
  if (functionName.includes('AWSCDKTrigger')) return 'cdk trigger';
  if (functionName.includes('RestrictDefaultSG')) return 'cdk group';
  return functionName.replace(/^share-vault-[a-z0-9-]+-/, '');
}
