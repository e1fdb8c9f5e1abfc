import { Policy, type Principal as Caller, VERSION } from '../../emulator/authorization';
import type { FunctionPart } from '../../emulator/template';
import { ACCOUNT, arn, PARTNER_ACCOUNT } from './place';
import type { VaultPolicies } from './vault-policies';

/** The account of an administrator without any relation to the vault. */
export const FOREIGN_ACCOUNT = '222222222222';

/** An administrator's permissions. */
export const EVERYTHING = allowing('AdministratorAccess', '*', '*');

export interface Principal extends Caller {
  readonly name: string;
  readonly policies: readonly Policy[];
  readonly boundary?: Policy | undefined;
  readonly tags?: Readonly<Record<string, string>>;
  /** The function that has this role. Lambda names it in each request; other requests can't name one. */
  readonly functionArn?: string;
  /** Whether its calls pass the vault's endpoints. */
  readonly inNetwork: boolean;
}

/** The roles of a vault's functions. */
export function functionRoles(vault: VaultPolicies): readonly Principal[] {
  return vault.functions.map((part) => {
    const role = vault.roleOfFunction(part.name);
    return {
      ...session(shortName(part), role.arn),
      ...vault.identity(role),
      functionArn: part.arn,
      inNetwork: vault.inNetwork(part.arn),
    };
  });
}

/** The other principals. Only the functions' calls pass the vault's endpoints, so no endpoint policy refuses theirs. */
export function otherPrincipals(vault: VaultPolicies): readonly Principal[] {
  const consumer = vault.role('Consumer');
  const feeder = vault.role('Feeder');
  const machine = vault.role('VaultResealRole');
  const starter = vault.role('VaultResealStartRole');
  const stop = vault.role('EmergencyStopRole');
  const root = `arn:aws:iam::${ACCOUNT}:root`;
  return [
    { ...session('consumer', consumer.arn), ...vault.identity(consumer) },
    { ...session('feeder', feeder.arn), ...vault.identity(feeder) },
    { ...session('reseal machine', machine.arn), ...vault.identity(machine) },
    { ...session('reseal starter', starter.arn), ...vault.identity(starter) },
    { ...session('emergency stop', stop.arn), ...vault.identity(stop) },
    // the root user needs no policy: it has every permission of its account
    { name: 'root', arn: root, roleArn: root, account: ACCOUNT, policies: [EVERYTHING], inNetwork: false },
    { ...session('admin', role('Admin')), policies: [EVERYTHING] },
    { ...session('stranger', role('Stranger')), policies: [] },
    { ...session('partner', role('Partner', PARTNER_ACCOUNT), PARTNER_ACCOUNT), policies: [invokes(vault, 'partner')] },
    { ...session('partner admin', role('Admin', PARTNER_ACCOUNT), PARTNER_ACCOUNT), policies: [EVERYTHING] },
    { ...session('foreign admin', role('Admin', FOREIGN_ACCOUNT), FOREIGN_ACCOUNT), policies: [EVERYTHING] },
  ];
}

/** Roles that the sample service control policies exempt. */
export function exemptPrincipals(): readonly Principal[] {
  return [
    { ...session('deploy', role('cdk-sharevault-cfn-exec-role-111111111111-eu-central-1')), policies: [EVERYTHING] },
    { ...session('break-glass', role('share-vault-break-glass')), policies: [EVERYTHING] },
  ];
}

/** Returns a session of a role, outside the vault's network. */
export function session(name: string, roleArn: string, account = ACCOUNT): Omit<Principal, 'policies'> {
  const roleName = roleArn.slice(roleArn.lastIndexOf('/') + 1);
  return { name, arn: `arn:aws:sts::${account}:assumed-role/${roleName}/session`, roleArn, account, inNetwork: false };
}

function role(name: string, account = ACCOUNT): string {
  return `arn:aws:iam::${account}:role/${name}`;
}

function invokes(vault: VaultPolicies, actor: string): Policy {
  const alias = arn('lambda', `function:share-vault-${vault.environment}-unseal:${actor}`);
  return allowing('Invokes', 'lambda:InvokeFunction', alias);
}

function allowing(name: string, action: string, resource: string): Policy {
  const Statement = { Effect: 'Allow', Action: action, Resource: resource };
  return Policy.read(name, { Version: VERSION, Statement });
}

/** Returns whether a function is the CDK's: it runs at a deploy. */
export function isHelper({ logicalId }: FunctionPart): boolean {
  return logicalId.includes('AWSCDKTrigger') || logicalId.includes('RestrictDefaultSG');
}

/** Returns a function's short name: that of its handler, or of the CDK's helper. */
export function shortName({ logicalId, name }: FunctionPart): string {
  if (logicalId.includes('AWSCDKTrigger')) return 'cdk trigger';
  if (logicalId.includes('RestrictDefaultSG')) return 'cdk group';
  return name.replace(/^share-vault-[a-z0-9-]+-/, '');
}
