import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Deployed } from '../../../../local/emulator/deploy';
import type { Credentials } from '../../../../local/emulator/services/functions/environment';
import type { TemplateJson } from '../../../support/mutate';
import { BACKEND, deployTest, logIn } from './support';

let vault: Deployed;
let unsealer: Credentials;
beforeAll(async () => {
  vault = await deployTest();
  const role = vault.template.roles().find(({ logicalId }) => logicalId.startsWith('VaultFunctionsunsealRole'));
  unsealer = vault.session(role?.name ?? '');
});
afterAll(() => vault.close());

/** Adds an inline policy of one statement to the role of `unseal`. */
function addPolicy(template: object, Statement: object): void {
  const { Resources } = template as TemplateJson;
  const [role] = Object.entries(Resources).flatMap(([id, resource]) => {
    return id.startsWith('VaultFunctionsunsealRole') && resource.Type === 'AWS::IAM::Role' ? [resource] : [];
  });
  const PolicyDocument = { Version: '2012-10-17', Statement };
  Object.assign(role?.Properties ?? {}, { Policies: [{ PolicyName: 'AWSRevokeOlderSessions', PolicyDocument }] });
}

describe('a login', () => {
  test('as the role’s own user passes', async () => {
    expect(await logIn(vault, 'vault_unsealer', unsealer)).toBe('vault_unsealer');
  });

  test('as another role’s user is refused, and is on the trail', async () => {
    await expect(logIn(vault, 'vault_sealer', unsealer)).rejects.toMatchObject({ code: '28000' });

    expect(vault.trail.entries.at(-1)).toMatchObject({
      action: 'rds-db:connect',
      resource: expect.stringMatching(/^arn:aws:rds-db:.*\/vault_sealer$/),
      result: 'AccessDeniedException',
    });
  });

  test.each([
    ['backend’s', BACKEND],
    ['watcher’s', 'watcher'],
  ])('with the %s token is refused', async (_whose, role) => {
    await expect(logIn(vault, 'vault_unsealer', vault.session(role))).rejects.toMatchObject({ code: '28000' });
  });

  test.each([
    ['passes if the role’s sessions of an earlier time are revoked', -3_600_000, 'vault_unsealer'],
    ['is refused if the session is one of those that are revoked', 3_600_000, '28000'],
  ])('%s', async (_what, milliseconds, outcome) => {
    const issued = new Date(Date.now() + milliseconds).toISOString();
    const Condition = { DateLessThan: { 'aws:TokenIssueTime': issued } };
    vault.decideWith((template) => addPolicy(template, { Effect: 'Deny', Action: '*', Resource: '*', Condition }));

    const login = logIn(vault, 'vault_unsealer', unsealer).catch((error: unknown) => (error as { code: string }).code);

    expect(await login).toBe(outcome);
    vault.decideWith(undefined);
  });

  test('with a token for another user is refused', async () => {
    await expect(logIn(vault, 'vault_unsealer', unsealer, 'vault_sealer')).rejects.toMatchObject({ code: '28000' });

    expect(vault.trail.entries.at(-1)).toMatchObject({ message: 'token: other-user' });
  });

  test('with a token that no session signed is refused', async () => {
    const credentials = { ...unsealer, secretAccessKey: 'another' };

    await expect(logIn(vault, 'vault_unsealer', credentials)).rejects.toMatchObject({ code: '28000' });
    expect(vault.trail.entries.at(-1)).toMatchObject({ message: 'token: tampered' });
  });
});
