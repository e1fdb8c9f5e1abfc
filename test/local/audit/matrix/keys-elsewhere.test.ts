import { beforeAll, describe, expect, test } from '@jest/globals';
import { recoveryKeysOf } from '../../../../local/audit/matrix/keys-elsewhere';
import { allowedTo, requestsOf } from '../../../../local/audit/matrix/matrix';
import { deployedTemplate } from '../../../../local/audit/matrix/place';
import { tableOf } from '../../../../local/audit/matrix/table';
import { matrixOf, type TemplateMatrix } from '../../../../local/audit/matrix/template-matrix';
import { templatePrincipals } from '../../../../local/audit/matrix/template-principals';
import { VaultPolicies } from '../../../../local/audit/matrix/vault-policies';
import { Egress } from '../../../../lib/egress';
import type { ShareVaultProps } from '../../../../lib/share-vault-props';
import { azureKey, googleKey, jwtKey, recoveryKey } from '../../../support/external-keys';
import { VALIDATED_ELSEWHERE, cdkApp, testStack } from '../../../support/synth';
import { testVault } from '../../../support/vault';

const TOKEN = 'sts:GetWebIdentityToken';
const VAULT_TOKEN = `${TOKEN}, for https://vault.example.com:8200`;

/** A template, and its file beside the assets. */
interface Written {
  readonly file: string;
  readonly template: object;
}

/** Keys outside AWS need a way to them, and without them a way is refused. */
function egressOf({ shareKey, otherKeys }: Partial<ShareVaultProps>): Pick<ShareVaultProps, 'egress'> {
  return shareKey === undefined && otherKeys === undefined ? {} : { egress: Egress.firewall() };
}

function templateWith(props: Partial<ShareVaultProps>): Written {
  const app = cdkApp(undefined, VALIDATED_ELSEWHERE);
  testVault({ webhook: {}, ...egressOf(props), ...props }, testStack(undefined, app));
  const stack = app.synth().getStackByName('Test');
  return { file: stack.templateFullPath, template: stack.template as object };
}

const BESIDE = templateWith({ otherKeys: [azureKey(), jwtKey()], recoveryKeys: [recoveryKey()] });

type Condition = Record<string, Record<string, unknown>>;

/** Returns the template with changed conditions of each permission to get a token, in roles and endpoint alike. */
function withConditions(change: (condition: Condition) => void): Written {
  const template = structuredClone(BESIDE.template) as { Resources: Record<string, { Properties: object }> };
  const visit = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return;
    const { Action, Condition: condition } = value as { readonly Action?: unknown; readonly Condition?: Condition };
    if (Action === TOKEN && condition !== undefined) change(condition);
    Object.values(value).forEach(visit);
  };
  visit(template.Resources);
  return { file: BESIDE.file, template };
}

const deployed = ({ file, template }: Written) => deployedTemplate(file, template);
const policiesIn = (written: Written): VaultPolicies => new VaultPolicies(deployed(written), 'staging');

/** Returns the variants of requests for tokens that a function is allowed. */
async function tokensOf(written: Written, name: string): Promise<readonly string[]> {
  const vault = policiesIn(written);
  const principal = templatePrincipals(vault, vault.template).find((each) => each.name === name);
  if (!principal) throw new Error(`expected a principal ${name}, got none`);
  const requests = requestsOf(vault).filter(({ action }) => action === TOKEN);
  return allowedTo(principal, requests);
}

describe('a request for a web identity token', () => {
  test.each(['seal', 'unseal', 'receive'])(
    'is allowed to %s for one of its audiences, and in no other form',
    async (name) => {
      expect(await tokensOf(BESIDE, name)).toEqual([`${TOKEN}, right`, VAULT_TOKEN]);
    },
  );

  test.each(['revoke', 'properties', 'audit', 'freeze', 'thaw', 'migrate'])(
    'is refused to %s, which calls no key',
    async (name) => {
      expect(await tokensOf(BESIDE, name)).toEqual([]);
    },
  );

  test('is in no row for a vault whose functions get no tokens', () => {
    const requests = requestsOf(policiesIn(templateWith({ recoveryKeys: [recoveryKey()] })));

    expect(requests.filter(({ action }) => action === TOKEN)).toEqual([]);
  });

  test.each<[string, (condition: Condition) => void, string]>([
    [
      'ForAnyValue instead of ForAllValues',
      (condition) => {
        const all = condition['ForAllValues:StringEquals'] ?? {};
        delete condition['ForAllValues:StringEquals'];
        condition['ForAnyValue:StringEquals'] = all;
      },
      'a second audience',
    ],
    ['no condition Null', (condition) => delete condition.Null, 'no audience'],
    ['no condition on the duration', (condition) => delete condition.NumericLessThanEquals, 'a longer duration'],
    [
      'a duration that may be missing',
      (condition) => {
        const most = condition.NumericLessThanEquals ?? {};
        delete condition.NumericLessThanEquals;
        condition.NumericLessThanEqualsIfExists = most;
      },
      'no duration',
    ],
    ['no condition on the algorithm', (condition) => delete condition.StringEquals, 'other algorithm'],
    ['no condition on the function', (condition) => delete condition.ArnLike, 'other function'],
    [
      'both audiences in one condition',
      (condition) => {
        condition['ForAllValues:StringEquals'] = {
          'sts:IdentityTokenAudience': ['api://AzureADTokenExchange', 'https://vault.example.com:8200'],
        };
      },
      'two of the audiences',
    ],
  ])('would also be allowed in a wrong form with %s', async (_what, change, variant) => {
    expect(await tokensOf(withConditions(change), 'unseal')).toContain(`${TOKEN}, ${variant}`);
  });
});

describe('the matrix of a vault with recovery keys', () => {
  let matrix: TemplateMatrix;

  beforeAll(async () => {
    matrix = await matrixOf(deployed(BESIDE), 'staging');
  });

  test('names each of them with its fingerprint', () => {
    const line = `Recovery keys, whose holders can open every new record: safe-2026 SHA256:${recoveryKey().fingerprint}`;

    expect(tableOf(matrix, { all: false, width: undefined })).toContain(line);
  });

  test('shows who could set another one', () => {
    const names = matrix.requests.map(({ name }) => name);

    expect(names).toContain('ssm:PutParameter of the recovery keys');
    expect(names).toContain('lambda:UpdateFunctionConfiguration seal');
  });

  test('allows no function of the vault to set another one', () => {
    const changes = ['ssm:PutParameter of the recovery keys', 'lambda:UpdateFunctionConfiguration seal'];
    const allowed = matrix.cells.filter(({ request, decision }) => changes.includes(request.name) && decision.allowed);

    expect(new Set(allowed.map(({ principal }) => principal.name))).toEqual(new Set(['root', 'administrator']));
  });
});

test('the matrix of a vault without a share key in AWS KMS has no request for one', async () => {
  const template = templateWith({ shareKey: googleKey() });
  const { requests } = await matrixOf(deployed(template), 'staging');

  expect(requests.filter(({ name }) => name.includes('share key'))).toEqual([]);
  expect(recoveryKeysOf(policiesIn(template))).toEqual(new Map());
});
