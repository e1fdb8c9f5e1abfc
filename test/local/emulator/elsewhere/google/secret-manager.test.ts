import { describe, expect, test } from '@jest/globals';
import { type GoogleRole, GoogleStandIn } from '../../../../../local/emulator/elsewhere/google';

const MEMBER = 'principal://iam.googleapis.com/pool/subject/role';
const SCOPE = 'https://www.googleapis.com/auth/cloud-platform';

/** Returns a function that calls Secret Manager as one member with these roles; it returns the status. */
function callerWith(...roles: readonly GoogleRole[]) {
  const google = new GoogleStandIn({ providers: [], projects: [{ id: 'vault-dev', number: '123456789012' }] });
  google.policy.add(...roles.map((role) => ({ role, member: MEMBER, resource: 'projects/vault-dev' })));
  const token = google.tokens.issue({ members: [MEMBER] }, [SCOPE]).value;
  return async (method: string, path: string, authorization = `Bearer ${token}`): Promise<number | undefined> => {
    const url = new URL(`https://secretmanager.googleapis.com/v1/projects/${path}`);
    const body = Buffer.from(JSON.stringify({ payload: { data: 'AAAA' } }));
    return (await google.respond({ method, url, headers: { authorization }, body }))?.status;
  };
}

const CREATE = ['POST', 'vault-dev/secrets?secretId=one'] as const;
const CALLS = {
  create: CREATE,
  add: ['POST', 'vault-dev/secrets/one:addVersion'],
  read: ['GET', 'vault-dev/secrets/one/versions/1:access'],
  list: ['GET', 'vault-dev/secrets'],
  destroy: ['DELETE', 'vault-dev/secrets/one'],
} as const;
const OF_ROLES = {
  shareVaultCreateBodies: ['create', 'add'],
  'roles/secretmanager.secretAccessor': ['read'],
  shareVaultDestroyBodies: ['destroy'],
  shareVaultListBodies: ['list'],
} as const satisfies Partial<Record<GoogleRole, readonly (keyof typeof CALLS)[]>>;

describe('the local Google Secret Manager', () => {
  test.each(Object.entries(OF_ROLES))('refuses all but what the role %s allows', async (role, allowed) => {
    const call = callerWith(role as keyof typeof OF_ROLES);
    const refused: string[] = [];
    for (const [name, [method, path]] of Object.entries(CALLS)) {
      if ((await call(method, path)) === 403) refused.push(name);
    }

    expect(refused).toEqual(Object.keys(CALLS).filter((name) => !allowed.some((each) => each === name)));
  });

  test('refuses a token that it did not issue', async () => {
    await expect(callerWith('shareVaultCreateBodies')(...CREATE, 'Bearer other')).resolves.toBe(401);
  });

  test('refuses another project', async () => {
    await expect(callerWith('shareVaultListBodies')('GET', 'other/secrets')).resolves.toBe(403);
  });
});
