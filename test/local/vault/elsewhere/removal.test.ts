import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { type LocalVault, startVault } from '../../../../local/vault';
import { createdOf, post, revokedOf } from '../../../e2e/deliveries';
import { type TestWallet, invoke, makeWallet } from '../../../e2e/harness';
import { logFolder } from '../../../support/run';
import { synthesized } from '../../../support/synthesized';
import { freshData } from '../../../support/vault-template';

const TEMPLATE = join(synthesized(join(__dirname, 'removal-stack.ts')), 'ShareVault-dev.template.json');
const KIND = 'delegated-share';

interface Statement {
  readonly Sid?: string;
  readonly Effect: string;
  Action: string | string[];
}
interface Resource {
  readonly Properties?: { readonly PolicyDocument?: { readonly Statement?: Statement[] } };
}
interface Template {
  readonly Resources: Readonly<Record<string, Resource>>;
}

/** One action that a function's role, or an endpoint for it, allows for keys and bodies elsewhere. */
interface Right {
  readonly policy: string;
  readonly fn: Function;
  readonly action: string;
  readonly remove: (template: object) => void;
}
type Function = 'seal' | 'unseal' | 'revoke' | 'receive' | 'migrate';

const ROLES: Readonly<Record<Function, RegExp>> = {
  seal: /VaultFunctionssealRole/,
  unseal: /VaultFunctionsunsealRole/,
  revoke: /VaultFunctionsrevokeRole/,
  receive: /VaultWebhookFunctionRole/,
  migrate: /VaultMigrationFunctionRole/,
};
/** Statements of roles by their Sid, and all of endpoints by their actions. */
const OF_ROLES = /^(AllowIdentityToken|Allow(Create|Read|Destroy|List)Bodies|AllowBodiesKey)/;
const OF_ENDPOINTS =
  /^sts:GetWebIdentityToken$|^secretsmanager:(CreateSecret|DeleteSecret|ListSecrets|GetSecretValue)$/;
const TOKEN = 'sts:GetWebIdentityToken';
const isOfKey = (action: string): boolean => action.startsWith('kms:');
const BODIES = 'share-vault/dev/bodies/';

function rightsOf(template: Template): readonly Right[] {
  return Object.entries(template.Resources).flatMap(([policy, { Properties }]) =>
    (Properties?.PolicyDocument?.Statement ?? []).flatMap((statement, index) => {
      const text = JSON.stringify(statement);
      const fn = (Object.keys(ROLES) as Function[]).find((name) => ROLES[name].test(policy.includes('Role') ? policy : text)); // prettier-ignore
      const actions = [statement.Action].flat();
      const ofEndpoint = policy.startsWith('VaultNetworkEndpoint') && (/sts|ListSecrets/.test(text) || text.includes(BODIES)); // prettier-ignore
      const wanted = ofEndpoint ? actions.some((each) => OF_ENDPOINTS.test(each)) : OF_ROLES.test(statement.Sid ?? '');
      if (statement.Effect !== 'Allow' || !wanted || fn === undefined) return [];
      return actions.map((action) => ({ policy, fn, action, remove: without(policy, index, action) }));
    }),
  );
}

/** A statement needs an action: the others of its own, or one that nobody calls. */
function without(policy: string, index: number, action: string) {
  return (template: object): void => {
    const statement = (template as Template).Resources[policy]?.Properties?.PolicyDocument?.Statement?.[index];
    if (statement) statement.Action = [...[statement.Action].flat().filter((each) => each !== action), 'iam:GetAccountSummary']; // prettier-ignore
  };
}

const RIGHTS = rightsOf(JSON.parse(readFileSync(TEMPLATE, 'utf8')) as Template);
const named = RIGHTS.map((right) => [`${right.fn} ${right.action} in ${right.policy}`, right] as const);

let dataDir: string;
let vault: LocalVault;
beforeAll(async () => {
  dataDir = await freshData(TEMPLATE);
  vault = await startVault({ template: TEMPLATE, dataDir, logDir: logFolder() });
});
afterAll(async () => {
  await vault.close();
  rmSync(dataDir, { recursive: true, force: true });
});

const client = () => vault.client('backend');
const revoke = ({ walletId, chain }: TestWallet) => client().revoke({ walletId, chain, reason: 'test' });

/** The call that uses each function's rights, prepared with the complete policies. */
const CALLS: Readonly<Record<Function, () => Promise<() => Promise<unknown>>>> = {
  seal: async () => () => client().seal({ kind: KIND, ...makeWallet() }),
  unseal: async () => {
    const wallet = await sealed();
    const { walletId, chain } = wallet;
    // with the key in AWS KMS, it needs no other one
    return async () => {
      await setShareKey('DisableKey');
      await client()
        .unseal({ kind: KIND, walletId, chain, reason: 'test' })
        .finally(() => setShareKey('EnableKey'));
    };
  },
  revoke: async () => {
    const wallet = await sealed();
    return () => revoke(wallet);
  },
  receive: async () => {
    const [revoked, created] = [await sealed(), makeWallet()];
    return async () => {
      await post(vault, createdOf(created, vault.webhook));
      await post(vault, revokedOf(revoked));
    };
  },
  migrate: async () => {
    const wallet = await sealed();
    const destroys = RIGHTS.find(({ fn, action, policy }) => fn === 'revoke' && action.endsWith('DeleteSecret') && policy.includes('Role')); // prettier-ignore
    vault.decideWith(destroys?.remove);
    await revoke(wallet).catch(() => undefined);
    vault.decideWith(undefined);
    return () => invoke(vault, 'migrate', { sweep: true }, 'sweep');
  },
};

async function setShareKey(operation: 'DisableKey' | 'EnableKey'): Promise<void> {
  await vault.kms.handle({ operation, input: { KeyId: vault.keys.shareKeyArn }, accessKeyId: 'test' });
}

async function sealed(): Promise<TestWallet> {
  const wallet = makeWallet();
  await client().seal({ kind: KIND, ...wallet });
  return wallet;
}

/** Makes a function's calls without a right. Returns the actions that were refused. */
async function refusedWithout({
  fn,
  action,
  remove,
}: Pick<Right, 'fn' | 'action' | 'remove'>): Promise<readonly string[]> {
  const call = await CALLS[fn]();
  // a process that runs has a token
  if (action === TOKEN) await vault.lambda.updateFunction(`share-vault-dev-${fn}`, { timeoutMs: 8_000 });
  const before = vault.trail.entries.length;
  vault.decideWith(remove);
  await call().catch(() => undefined);
  vault.decideWith(undefined);
  const refused = vault.trail.entries.slice(before).filter(({ result }) => result.startsWith('AccessDenied'));
  return [...new Set(refused.map(({ action }) => action))];
}

/** Returns what a role decides on a use of the storage key by Secrets Manager, with a right and without. */
async function decidedWithAndWithout({ policy, action, remove }: Right): Promise<readonly string[]> {
  const role = policy.replace(/Permissions\w{8}$/, '');
  const [found] = vault.template.roles().filter(({ logicalId }) => logicalId.startsWith(role));
  const [key] = vault.template.keys().filter(({ logicalId }) => logicalId.startsWith('VaultStorageKey'));
  const context = {
    'kms:ViaService': `secretsmanager.${vault.region}.amazonaws.com`,
    'kms:EncryptionContext:SecretARN': `arn:aws:secretsmanager:${vault.region}:111122223333:secret:${BODIES}1-AbCdEf`,
  };
  // the explanation takes the call for the function's own, which the endpoint for KMS refuses: its role's part counts
  const decide = async (): Promise<string> => {
    const lines = await vault.explain(found?.logicalId ?? '', action, key?.logicalId ?? '', context);
    return lines.find((line) => line.startsWith('identity'))?.replace(/^.*: /, '') ?? '';
  };
  const whole = await decide();
  vault.decideWith(remove);
  const less = await decide();
  vault.decideWith(undefined);
  return [whole, less];
}

describe('the rights of functions with a key at Google and bodies in Secrets Manager', () => {
  test('are these, by function', () => {
    const list = (name: Function) => RIGHTS.filter(({ fn }) => fn === name).map(({ action }) => action.split(':')[1]).sort(); // prettier-ignore

    expect({ seal: list('seal'), unseal: list('unseal'), revoke: list('revoke'), receive: list('receive'), migrate: list('migrate') }).toMatchInlineSnapshot(`
{
  "migrate": [
    "DeleteSecret",
    "DeleteSecret",
    "ListSecrets",
    "ListSecrets",
  ],
  "receive": [
    "CreateSecret",
    "CreateSecret",
    "Decrypt",
    "DeleteSecret",
    "DeleteSecret",
    "GenerateDataKey",
    "GetWebIdentityToken",
    "GetWebIdentityToken",
  ],
  "revoke": [
    "DeleteSecret",
    "DeleteSecret",
  ],
  "seal": [
    "CreateSecret",
    "CreateSecret",
    "Decrypt",
    "GenerateDataKey",
    "GetWebIdentityToken",
    "GetWebIdentityToken",
  ],
  "unseal": [
    "Decrypt",
    "GetSecretValue",
    "GetSecretValue",
    "GetWebIdentityToken",
    "GetWebIdentityToken",
  ],
}
`); // prettier-ignore
  });

  test.each(['seal', 'unseal', 'revoke', 'receive', 'migrate'] as const)('suffice for %s', async (fn) => {
    const action = RIGHTS.some((right) => right.fn === fn && right.action === TOKEN) ? TOKEN : '';

    expect(await refusedWithout({ fn, action, remove: () => undefined })).toEqual([]);
  });

  test.each(named.filter(([, { action }]) => !isOfKey(action)))(
    'include one that is needed: %s',
    async (_name, right) => {
      expect(await refusedWithout(right)).toContain(right.action);
    },
  );

  // the local Secrets Manager does not call KMS in the caller's name
  test.each(named.filter(([, { action }]) => isOfKey(action)))(
    'allow Secrets Manager the use of the storage key: %s',
    async (_name, right) => {
      expect(await decidedWithAndWithout(right)).toEqual(['allows', 'allows nothing']);
    },
  );
});
