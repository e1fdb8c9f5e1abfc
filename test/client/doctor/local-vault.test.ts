import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { LocalVault } from '../../../local/vault';
import { startTestVault } from '../../e2e/harness';
import { useEndpoint } from '../../support/use-endpoint';
import { run } from '../commands/support/account';

interface Finding {
  readonly check: string;
  readonly status: string;
  readonly found: string;
}
interface Result {
  readonly healthy: boolean;
  readonly findings: readonly Finding[];
}

let vault: LocalVault;

beforeAll(async () => {
  vault = await startTestVault();
  useEndpoint(vault);
});
afterAll(() => vault.close());

async function diagnose(...options: string[]): Promise<Result & { readonly code: number }> {
  const { code, stdout } = await run(['doctor', '--environment', 'local', '--json', ...options]);
  return { code, ...(JSON.parse(stdout) as Result) };
}

const statusOf = ({ findings }: Result, check: string) => findings.find((each) => each.check === check)?.status;

describe('doctor and the local vault', () => {
  test('finds no problem in a vault that was just deployed', async () => {
    const result = await diagnose();

    expect(result.findings.filter(({ status }) => status === 'problem')).toEqual([]);
    expect(result).toMatchObject({ code: 0, healthy: true });
    expect(['reseal: function', 'reseal: last run'].map((check) => statusOf(result, check))).toEqual(['ok', 'ok']);
  });

  test('shows an administrator that every use of a key is refused', async () => {
    const { findings } = await diagnose();

    const refused = findings.filter(({ check }) => check.startsWith('refused: '));
    expect(refused.map(({ check, found }) => [check, found])).toEqual([
      ['refused: a database login without TLS', 'refused'],
      ['refused: share key: Encrypt', 'AccessDenied'],
      ['refused: share key: GenerateDataKey', 'AccessDenied'],
      ['refused: share key: Decrypt', expect.stringMatching(/^(AccessDenied|InvalidCiphertextException)$/)],
      ['refused: intake key intake-1: Decrypt', 'AccessDenied'],
      ['refused: webhook key webhook-1: Decrypt', 'AccessDenied'],
      ['refused: a call without an actor', 'ActorRequired'],
      ['refused: an unsigned delivery', 'answered 401'],
    ]);
  });

  test('sends nothing that could be refused if an option forbids that', async () => {
    const { findings } = await diagnose('--no-probes');

    expect(findings.filter(({ check }) => check.startsWith('refused: share key'))).toEqual([]);
  });

  test('reports services that the local vault does not have as unknown, and fails for them only if it is strict', async () => {
    const result = await diagnose('--strict');

    const unknown = result.findings.filter(({ status }) => status === 'unknown').map(({ check }) => check);
    expect(unknown).toEqual(expect.arrayContaining(['trail', 'alarms', 'rules', 'backup: opt-in for Aurora']));
    expect(result).toMatchObject({ code: 1, healthy: false });
  });

  test('reports a disabled share key as a problem, with the command that enables it', async () => {
    const KeyId = vault.keys.shareKeyArn;
    await vault.kms.handle({ operation: 'DisableKey', input: { KeyId }, accessKeyId: 'a' });

    const { code, stdout } = await run(['doctor', '--environment', 'local', '--no-probes']);

    await vault.kms.handle({ operation: 'EnableKey', input: { KeyId }, accessKeyId: 'a' });
    expect(code).toBe(1);
    expect(stdout).toMatch(/PROBLEM {2}share key: state +Disabled, SYMMETRIC_DEFAULT\n/);
    expect(stdout).toContain(`aws kms enable-key --key-id`);
    expect(stdout).toContain(KeyId);
  });

  test('reports a key policy that lets the administrator use the share key as a problem', async () => {
    vault.decideWith(admitRoot);

    const result = await diagnose();

    vault.decideWith(undefined);
    expect(statusOf(result, 'refused: share key: Encrypt')).toBe('problem');
    expect(statusOf(result, 'refused: share key: GenerateDataKey')).toBe('problem');
    expect(result.code).toBe(1);
  });

  test('reports a parameter that points at another account as a problem', async () => {
    const name = '/share-vault/local/keys/intake/intake-1';
    const own = `arn:aws:kms:${vault.region}:${vault.account}:key/${vault.keys.intakeKeyArn.split('/')[1] ?? ''}`;
    vault.parameters.publish(name, own.replace(vault.account, '999988887777'));

    const result = await diagnose('--no-probes');

    vault.parameters.publish(name, own);
    expect(statusOf(result, 'published parameters')).toBe('problem');
  });

  test('reports everything as unknown to a caller without permissions, and fails', async () => {
    const { url, region } = vault;
    useEndpoint({ url, region, credentials: vault.principal('nobody', []) });

    const result = await diagnose('--no-probes');

    useEndpoint(vault);
    const known = result.findings.filter(({ status }) => status !== 'unknown').map(({ check }) => check);
    expect(known).toEqual(['caller', 'clock']);
    expect(result.code).toBe(1);
    expect(result.findings.find(({ check }) => check === 'function unseal')?.found).toBe(
      'not permitted: lambda:GetFunctionConfiguration',
    );
  });

  test('fails for an environment that is not deployed', async () => {
    const { code, stdout } = await run(['doctor', '--environment', 'other', '--no-probes']);

    expect(code).toBe(1);
    expect(stdout).toContain('none under /share-vault/other/');
  });
});

/** Adds a statement to every key policy that gives the account all operations. */
function admitRoot(template: object): void {
  const { Resources } = template as {
    Resources: Record<string, { Type: string; Properties: Record<string, unknown> }>;
  };
  for (const { Type, Properties } of Object.values(Resources)) {
    if (Type !== 'AWS::KMS::Key') continue;
    const { Statement } = Properties.KeyPolicy as { Statement: object[] };
    const AWS = { 'Fn::Join': ['', ['arn:aws:iam::', { Ref: 'AWS::AccountId' }, ':root']] };
    Statement.push({ Effect: 'Allow', Principal: { AWS }, Action: 'kms:*', Resource: '*' });
  }
}
