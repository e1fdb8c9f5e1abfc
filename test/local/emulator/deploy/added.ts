import { GenerateDataKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import { Policy, callContext, createAuthorizer } from '../../../../local/emulator/authorization';
import type { Deployed } from '../../../../local/emulator/deploy';
import { PhysicalNames } from '../../../../local/emulator/deploy/physical';
import { readStack } from '../../../../local/emulator/deploy/read';
import { type Removal, nameOf } from './removals';
import { as, consumerTemplate, keyNamed } from './support';

type Amend = (template: object) => void;

/** A statement that could be added to a template, and the call that it would then allow. */
interface Addition {
  readonly add: Amend;
  readonly allowed: (vault: Deployed, amend: Amend) => Promise<boolean>;
}

const EVERYTHING = { Effect: 'Allow', Action: '*', Resource: '*' };
const SHARE_KEY = /^VaultKeysShareKey/;

/** Deny statements without effect on the template itself: each is effective against an added statement. */
const ADDED: readonly (readonly [RegExp, (removal: Removal) => Addition])[] = [
  [
    / DenyGrantsUnlessForAwsServices /,
    ({ policy }) => ({
      add: allow(policy, 'KeyPolicy', { Principal: { AWS: '111122223333' }, Action: 'kms:CreateGrant' }),
      allowed: (vault, amend) => explained(vault, amend, policy),
    }),
  ],
  [
    / DenyKeyUseUnlessOwnFunction /,
    ({ policy }) => {
      const role = policy.replace(/Permissions\w{8}$/, '');
      return {
        add: (template) => {
          const Principal = { AWS: { 'Fn::GetAtt': [idOf(template, role), 'Arn'] } };
          allow(idOf(template, SHARE_KEY), 'KeyPolicy', { Principal, Action: 'kms:GenerateDataKey' })(template);
        },
        allowed: (vault, amend) => usesShareKey(vault, amend, role),
      };
    },
  ],
  [
    / DenyOtherAccounts /,
    ({ policy }) => ({
      add: allow(policy, 'PolicyDocument', { ...EVERYTHING, Principal: '*' }),
      allowed: (_vault, amend) => passesTheirs(amend, policy),
    }),
  ],
];

/** Returns the case that shows the need of a deny; undefined if another test shows it. */
export function additionFor(removal: Removal): Addition | undefined {
  return ADDED.find(([pattern]) => pattern.test(nameOf(removal)))?.[1](removal);
}

/** Returns `ALLOWED` or `DENIED` after adding the allow: with the deny and without it. */
export async function decidedDespite(vault: Deployed, removal: Removal): Promise<readonly string[]> {
  const { add, allowed } = additionFor(removal) ?? { add: () => undefined, allowed: () => Promise.resolve(false) };
  const outcome = async (amend: Amend): Promise<string> => ((await allowed(vault, amend)) ? 'ALLOWED' : 'DENIED');
  const withDeny = await outcome(add);
  const without = await outcome((template) => {
    removal.remove(template);
    add(template);
  });
  return [withDeny, without];
}

interface Template {
  readonly Resources: Readonly<Record<string, { readonly Properties: Record<string, { Statement: object[] }> }>>;
}

function allow(id: string, property: string, statement: object): Amend {
  return (template) => {
    const policy = (template as Template).Resources[id]?.Properties[property];
    policy?.Statement.push({ ...EVERYTHING, ...statement });
  };
}

function idOf(template: object, pattern: RegExp | string): string {
  const begins = typeof pattern === 'string' ? new RegExp(`^${pattern}\\w{8}$`) : pattern;
  return Object.keys((template as Template).Resources).find((id) => begins.test(id)) ?? '';
}

async function explained(vault: Deployed, amend: Amend, key: string): Promise<boolean> {
  vault.decideWith(amend);
  const [line = ''] = await vault.explain('administrator', 'kms:CreateGrant', key, {
    'kms:GrantIsForAWSResource': 'false',
  });
  vault.decideWith(undefined);
  return line.startsWith('ALLOWED');
}

/** Calls with a function's credentials from outside of the function. Returns true if the call is allowed. */
async function usesShareKey(vault: Deployed, amend: Amend, prefix: string): Promise<boolean> {
  const role = vault.template.roles().find(({ logicalId }) => logicalId.slice(0, -8) === prefix);
  const command = new GenerateDataKeyCommand({ KeyId: await keyNamed(vault, 'share'), KeySpec: 'AES_256' });
  vault.decideWith(amend);
  const made = new KMSClient(as(vault, vault.session(role?.logicalId ?? ''))).send(command);
  return made.then(() => true, accessDenied).finally(() => vault.decideWith(undefined));
}

function accessDenied(error: unknown): false {
  if (error instanceof Error && error.name === 'AccessDeniedException') return false;
  throw error;
}

/**
 * Returns true if another account's credentials may use its own resource from inside the network, as a way out for
 * data.
 */
async function passesTheirs(amend: Amend, endpoint: string): Promise<boolean> {
  const vault = readStack({ template: consumerTemplate() }, new PhysicalNames(), amend);
  const part = vault.endpoints().find(({ logicalId }) => logicalId === endpoint);
  const account = '444455556666';
  const [action, kind] =
    part?.service === 'kms' ? ['kms:Encrypt', 'key/1'] : ['secretsmanager:PutSecretValue', 'secret:x'];
  const principal = {
    arn: `arn:aws:sts::${account}:assumed-role/theirs/session`,
    roleArn: `arn:aws:iam::${account}:role/theirs`,
    account,
  };
  const context = callContext({ principal, action, region: 'us-east-1', sourceVpce: part?.id, sourceVpc: part?.vpcId });
  const everything = (name: string, statement: object) =>
    Policy.read(name, { Version: '2012-10-17', Statement: [{ ...EVERYTHING, ...statement }] });
  const { allowed } = await createAuthorizer().decide(
    { principal, action, resource: `arn:aws:${part?.service}:us-east-1:${account}:${kind}`, context },
    {
      identity: [everything('theirs', {})],
      resource: everything('of theirs', { Principal: { AWS: account } }),
      resourceAccount: account,
      endpoint: part?.policy && Policy.read(endpoint, part.policy),
    },
  );
  return allowed;
}
