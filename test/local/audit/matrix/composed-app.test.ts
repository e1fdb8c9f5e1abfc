import { beforeAll, describe, expect, test } from '@jest/globals';
import type { Policy } from '../../../../local/emulator/authorization';
import { PolicyBook } from '../../../../local/emulator/deploy/policy-book';
import { LEFT_BY_CONTROL } from './allowed';
import type { Request } from '../../../../local/audit/matrix/cell';
import { changesOf } from './changes-of';
import { CONTROL_DOCUMENTS, CONTROL_POLICIES, readAll } from '../../../../local/audit/matrix/control-policies';
import { allowedTo, requestsOf } from '../../../../local/audit/matrix/matrix';
import { ACCOUNT } from '../../../../local/audit/matrix/place';
import {
  EVERYTHING,
  exemptPrincipals,
  functionRoles,
  type Principal,
  session,
} from '../../../../local/audit/matrix/principals';
import { composedTemplate } from './vault-app';
import { VaultPolicies } from '../../../../local/audit/matrix/vault-policies';

const BATCH = `arn:aws:iam::${ACCOUNT}:role/nightly-batch`;
const CALLERS = '"arn:aws:iam::*:role/share-vault-callers/*"';
const UNSEAL = 'lambda:InvokeFunction unseal:backend';

/** As docs/scp.md says for an app of one's own: the stacks' names replaced, further callers beside the path for callers. */
function adapted(): readonly Policy[] {
  const text = JSON.stringify(CONTROL_DOCUMENTS)
    .replaceAll(/(?<=[:/])ShareVault-/g, 'KeyMaterial-')
    .replaceAll(CALLERS, `${CALLERS},${JSON.stringify(BATCH)}`);
  return readAll(JSON.parse(text) as Record<string, object>);
}

function caller(name: string): Principal {
  const template = composedTemplate(name);
  const [role] = template.roles();
  if (!role) throw new Error(`expected a role in ${name}, got none`);
  return { ...session(name, role.arn), policies: new PolicyBook(template).identity(role.arn)?.policies ?? [] };
}

describe('the service control policies, adapted to a composed app,', () => {
  const admin: Principal = { ...session('admin', `arn:aws:iam::${ACCOUNT}:role/Admin`), policies: [EVERYTHING] };
  const control = adapted();
  let vault: VaultPolicies;
  let requests: readonly Request[];
  beforeAll(() => {
    vault = new VaultPolicies(composedTemplate('KeyMaterial-Prod'), 'prod');
    requests = requestsOf(vault);
  });

  test('leave an administrator the public keys', async () => {
    expect(await allowedTo(admin, requests, control)).toEqual(LEFT_BY_CONTROL);
  });

  test.each(['Payments', 'Batch'])('leave the caller of the stack %s its operation', async (name) => {
    expect(await allowedTo(caller(name), requests)).toEqual([UNSEAL]);
    expect(await allowedTo(caller(name), requests, control)).toEqual([UNSEAL]);
  });

  test('as they are take its operation from a caller without the path, and keep one with the path', async () => {
    expect(await allowedTo(caller('Batch'), requests, CONTROL_POLICIES)).toEqual([]);
    expect(await allowedTo(caller('Payments'), requests, CONTROL_POLICIES)).toEqual([UNSEAL]);
  });

  test.each(['nightly-batch', 'share-vault-callers/Payments-Caller', 'share-vault/KeyMaterial-Prod-Seal'])(
    'let no administrator take on, make or change the role %s',
    async (role) => {
      expect(await allowedTo(admin, changesOf(role))).toHaveLength(4);
      expect(await allowedTo(admin, changesOf(role), control)).toEqual([]);
    },
  );

  test('take nothing from the functions, from those who deploy or from break-glass', async () => {
    const kept = [...functionRoles(vault), ...exemptPrincipals()].map(async (one) => {
      return [await allowedTo(one, requests, control), await allowedTo(one, requests)];
    });

    for (const [under, without] of await Promise.all(kept)) expect(under).toEqual(without);
  });
});
