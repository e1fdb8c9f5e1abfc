import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { type EnvironmentOptions, ShareVaultClient } from '../../client/index';
import { KEY_ARN, PLACE, functionArn } from './support/fake-account';
import { sealInput, unsealInput } from './support/inputs';
import { account, lambdaOfVault, useFakeAccount } from './support/use-fake-account';
import { useFakeVault, vault } from './support/use-fake-vault';

useFakeVault();
useFakeAccount();

const GOOD = {
  SHARE_VAULT_ENVIRONMENT: 'dev',
  SHARE_VAULT_ACTOR: 'signer',
  SHARE_VAULT_SEAL_FUNCTION: functionArn('seal'),
  SHARE_VAULT_UNSEAL_FUNCTION: functionArn('unseal'),
  SHARE_VAULT_INTAKE_KEYS: JSON.stringify({ 'intake-1': KEY_ARN, older: KEY_ARN }),
};

const NONE = Object.fromEntries(Object.keys(GOOD).map((name) => [name, undefined]));

/** Sets the vault's variables of the process: the good ones with changes. */
function setVariables(changes: Readonly<Record<string, string | undefined>> = {}): void {
  for (const [name, value] of Object.entries<string | undefined>({ ...GOOD, ...changes })) {
    if (value === undefined) Reflect.deleteProperty(process.env, name);
    else process.env[name] = value;
  }
}

beforeEach(() => setVariables());
afterEach(() => setVariables(NONE));

const connected = (options: EnvironmentOptions = {}) =>
  ShareVaultClient.fromEnvironment({ lambda: lambdaOfVault(), backoffMs: 0, ...options });

/** Makes KMS return the fake vault's own intake key. */
function useKeyOfVault(): void {
  Object.assign(account, { publicKey: vault.functions.publicKey });
}

describe('a client from the variables of its process', () => {
  test('seals to the first intake key, and unseals', async () => {
    useKeyOfVault();
    const client = await connected();
    const input = sealInput();

    await client.seal(input);
    using record = await client.unseal(unsealInput(input));

    expect(Buffer.from(record.delegatedShare).equals(input.materials.delegatedShare)).toBe(true);
    expect(vault.functions.arrived).toMatchObject([{ kid: 'intake-1' }, { kid: 'intake-1' }]);
    expect(vault.calls).toMatchObject([{ qualifier: 'signer' }, { qualifier: 'signer' }]);
    expect(account.asked).toEqual(['GetPublicKey']);
  });

  test('reads intake keys as pairs without quotes too, the first one first', async () => {
    useKeyOfVault();
    setVariables({ SHARE_VAULT_INTAKE_KEYS: `intake-1=${KEY_ARN},older=${KEY_ARN}` });
    const client = await connected();

    await client.seal(sealInput());

    expect(vault.functions.arrived).toMatchObject([{ kid: 'intake-1' }, { kid: 'intake-1' }]);
  });

  test('fetches no key until it seals', async () => {
    const client = await connected();
    await expect(client.unseal(unsealInput(sealInput()))).rejects.toThrowWithCode('NotFound');

    expect(account.asked).toEqual([]);
  });

  test('needs no intake keys if it does not seal, or if its caller has them', async () => {
    setVariables({ SHARE_VAULT_SEAL_FUNCTION: undefined, SHARE_VAULT_INTAKE_KEYS: undefined });
    await expect(connected()).resolves.toBeInstanceOf(ShareVaultClient);

    setVariables({ SHARE_VAULT_INTAKE_KEYS: undefined });
    const { kid, publicKey } = vault.functions;
    const client = await connected({ intakeKeys: [{ kid, publicKey }] });

    await client.seal(sealInput());
    expect(account.asked).toEqual([]);
  });

  test('calls the functions in the region of their ARNs', async () => {
    process.env.AWS_REGION = 'us-east-1';
    process.env.AWS_ENDPOINT_URL_LAMBDA = vault.endpoint;
    try {
      using client = await ShareVaultClient.fromEnvironment({ attempts: 1 });

      // the fake vault verifies that the request is signed for eu-central-1, and takes this name for that of `audit`
      await expect(client.unseal(unsealInput(sealInput()))).rejects.toThrowWithCode('InvalidRequest');
    } finally {
      process.env.AWS_REGION = 'eu-central-1';
      delete process.env.AWS_ENDPOINT_URL_LAMBDA;
    }
  });

  test.each<[string, Readonly<Record<string, string | undefined>>, RegExp]>([
    ['no environment', { SHARE_VAULT_ENVIRONMENT: undefined }, /SHARE_VAULT_ENVIRONMENT: expected the .*, got none$/],
    ['an actor that is none', { SHARE_VAULT_ACTOR: 'Signer' }, /SHARE_VAULT_ACTOR: expected .*, got another text$/],
    [
      'a function with a qualifier',
      { SHARE_VAULT_SEAL_FUNCTION: 'a:b' },
      /SHARE_VAULT_SEAL_FUNCTION: expected the name/,
    ],
    ['no intake keys', { SHARE_VAULT_INTAKE_KEYS: undefined }, /SHARE_VAULT_INTAKE_KEYS: expected the ARN of at least/],
    ['keys that are no JSON', { SHARE_VAULT_INTAKE_KEYS: '{"a"' }, /SHARE_VAULT_INTAKE_KEYS: expected the ARN/],
    ['keys that are a list', { SHARE_VAULT_INTAKE_KEYS: '["a"]' }, /SHARE_VAULT_INTAKE_KEYS: 0: expected the ARN/],
    [
      'keys that are null',
      { SHARE_VAULT_INTAKE_KEYS: 'null' },
      /SHARE_VAULT_INTAKE_KEYS: expected the ARN of at least/,
    ],
    [
      'an alias of a key',
      { SHARE_VAULT_INTAKE_KEYS: '{"a":"alias/b"}' },
      /INTAKE_KEYS: a: expected the ARN of a key in/,
    ],
    ['a key without a name', { SHARE_VAULT_INTAKE_KEYS: '{"":"b"}' }, /INTAKE_KEYS: expected key ids as names/],
    ...[
      ['partition', KEY_ARN.replace('arn:aws:', 'arn:aws-us-gov:')],
      ['region', KEY_ARN.replace('central', 'north')],
      ['account', KEY_ARN.replace('111122223333', '444455556666')],
    ].map(([what, arn]): [string, Readonly<Record<string, string>>, RegExp] => [
      `a key of another ${what} than the functions'`,
      { SHARE_VAULT_INTAKE_KEYS: JSON.stringify({ 'intake-1': arn }) },
      /SHARE_VAULT_INTAKE_KEYS: intake-1: expected a key of the functions' partition, region and account, got another's/,
    ]),
  ])('is refused with %s', async (_what, changes, message) => {
    setVariables(changes);

    const refused = connected();

    await expect(refused).rejects.toThrow(TypeError);
    await expect(refused).rejects.toThrow(message);
  });

  test('is refused with one error that names all variables, and quotes none', async () => {
    setVariables(Object.fromEntries(Object.keys(GOOD).map((name) => [name, 'A SECRET'])));
    const all =
      /^variables of the process: SHARE_VAULT_ENVIRONMENT: .*_ACTOR: .*_SEAL_FUN.*_UNSEAL_FUN.*_INTAKE_KEYS: /;

    await expect(connected()).rejects.toThrow(all);
    await expect(connected()).rejects.not.toThrow(/A SECRET/);
  });

  test('is refused without any function', async () => {
    setVariables({ SHARE_VAULT_SEAL_FUNCTION: '', SHARE_VAULT_UNSEAL_FUNCTION: undefined });

    await expect(connected()).rejects.toThrow(/expected at least one of SHARE_VAULT_SEAL_FUNCTION, .*, got none$/);
  });
});

describe('a client that looks its vault up', () => {
  const LOOKUP = { environment: 'dev', actor: 'signer' };
  const alias = (operation: string): string => `${functionArn(operation)}:signer`;

  beforeEach(() => {
    setVariables(NONE);
    for (const operation of ['seal', 'unseal']) account.publish(`actors/signer/${operation}`, alias(operation));
    account.publish('actors/signer/newer', `${functionArn('newer')}:signer`);
    account.publish('keys/intake/older', KEY_ARN, 1_700_000_000);
    account.publish('keys/intake/intake-1', KEY_ARN, 1_800_000_000);
  });

  test('seals to the newest intake key, and unseals', async () => {
    useKeyOfVault();
    account.pageSize = 1;
    const client = await connected(LOOKUP);
    const input = sealInput();

    await client.seal(input);
    using record = await client.unseal(unsealInput(input));

    expect(record.accessCount).toBe(1);
    expect(vault.functions.arrived).toMatchObject([{ kid: 'intake-1' }, { kid: 'intake-1' }]);
    expect(account.asked.at(-1)).toBe('GetPublicKey');
  });

  test('reads no parameters of keys if it does not seal', async () => {
    account.parameters.delete('/share-vault/dev/actors/signer/seal');

    await connected(LOOKUP);

    expect(account.asked).toEqual(['GetParametersByPath']);
  });

  test('takes a Parameter Store that is given', async () => {
    const paths: unknown[] = [];
    const Parameters = [...account.parameters.values()].filter(({ Name }) => Name.endsWith('/unseal'));
    const given = Parameters.map(({ LastModifiedDate: _, ...parameter }) => parameter);
    const ssm = {
      getParametersByPath: (input: { Path?: string }) => {
        paths.push(input.Path);
        return Promise.resolve({ Parameters: given, $metadata: {} });
      },
    } as unknown as EnvironmentOptions['ssm'];

    await connected({ ...LOOKUP, ssm });

    expect(paths).toEqual(['/share-vault/dev/actors/signer']);
    expect(account.asked).toEqual([]);
  });

  test.each([
    ["another actor's alias", 'actors/signer/seal', `${functionArn('seal')}:other`],
    ['another function', 'actors/signer/seal', alias('unseal')],
    ["another account's function", 'actors/signer/seal', alias('seal').replace('111122223333', '444455556666')],
    ["another region's function", 'actors/signer/seal', alias('seal').replace('central', 'north')],
    ['no ARN', 'actors/signer/unseal', 'nothing'],
    ['a name that only ends like the function', 'actors/signer/seal', `arn:aws:s3:${PLACE}:function:share-vault-dev-seal:signer`], // prettier-ignore
  ])('refuses a parameter that names %s', async (_what, path, value) => {
    account.publish(path, value);

    const refused = connected(LOOKUP);

    await expect(refused).rejects.toThrowWithCode('LookupFailed');
    await expect(refused).rejects.toThrow(`/share-vault/dev/${path}: expected the ARN of the actor's alias there`);
  });

  test("refuses another account's key", async () => {
    account.publish('keys/intake/intake-1', KEY_ARN.replace('111122223333', '444455556666'));

    await expect(connected(LOOKUP)).rejects.toThrow("keys/intake/: intake-1: expected a key of the functions' part");
  });

  test('refuses an actor without parameters, and a vault without keys', async () => {
    await expect(connected({ ...LOOKUP, actor: 'other' })).rejects.toThrow(
      'expected parameters under /share-vault/dev/actors/other/, got none: is this the account and region of the vault',
    );
    account.parameters.delete('/share-vault/dev/keys/intake/older');
    account.parameters.delete('/share-vault/dev/keys/intake/intake-1');
    await expect(connected(LOOKUP)).rejects.toThrow('keys/intake/: expected the ARN of at least one key');
  });

  test.each<[string, object, RegExp]>([
    ['an environment without an actor', { environment: 'dev' }, /actor: expected the name of an actor, or neither/],
    ['an actor without an environment', { actor: 'signer' }, /environment: expected the name of an environment, or ne/],
    ['names that are none', { environment: '../dev', actor: '*' }, /environment: .*; actor: /],
  ])('refuses %s', async (_what, options, message) => {
    await expect(connected(options)).rejects.toThrow(TypeError);
    await expect(connected(options)).rejects.toThrow(message);
    expect(account.asked).toEqual([]);
  });

  test('reports that it may not read the parameters, and no message of the service', async () => {
    account.replies.push({ status: 400, body: { __type: 'AccessDeniedException', message: 'a secret' } });

    const refused = connected(LOOKUP);

    await expect(refused).rejects.toMatchObject({ code: 'LookupFailed', retryable: false, requestId: 'request-1' });
    await expect(refused).rejects.toThrow(
      'expected the parameters under /share-vault/dev/actors/signer/ (ssm:GetParametersByPath), got AccessDeniedException',
    );
  });

  test('tries again if Parameter Store throttles or fails', async () => {
    const failure = { status: 500, body: { __type: 'InternalServerError' } };
    account.replies.push({ status: 400, body: { __type: 'ThrottlingException' } }, failure);

    await expect(connected(LOOKUP)).resolves.toBeInstanceOf(ShareVaultClient);

    account.replies.push(failure, failure, failure);
    await expect(connected(LOOKUP)).rejects.toMatchObject({ code: 'LookupFailed', retryable: true });
  });
});
