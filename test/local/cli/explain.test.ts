import { afterEach, describe, expect, test } from '@jest/globals';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { folder, killAll, run } from './run';
import { devTemplate, shipDevTemplate } from './template';

afterEach(killAll);

const UNSEAL_ROLE = 'VaultFunctionsunsealRoleF477841D';
const SHARE_KEY = 'VaultKeysShareKeyD97035D7';
const RECORD = { environment: 'dev', record: 'r', field: 'delegated_share', chain: 'EVM', owner: 'o' };

function explain(args: readonly string[], options?: Parameters<typeof run>[1]) {
  return run(['explain', ...args, '--template', devTemplate()], options);
}

function pairs(context: Readonly<Record<string, string>>): readonly string[] {
  return Object.entries(context).flatMap(([name, value]) => ['--context', `${name}=${value}`]);
}

/** Returns arguments for the call that unwraps a record's data key, with this context and key. */
function decrypt(context: Readonly<Record<string, string>>, key = SHARE_KEY): readonly string[] {
  return [UNSEAL_ROLE, 'kms:Decrypt', key, ...pairs(context), '--context', 'kms:EncryptionAlgorithm=SYMMETRIC_DEFAULT'];
}

describe('explain', () => {
  test('explain exits 0 if the call is allowed, and prints the part of each policy', async () => {
    const { printed, ended } = explain(decrypt(RECORD));

    expect(await ended).toBe(0);
    expect(printed()).toMatch(/^ALLOWED +kms:Decrypt\n/);
    expect(printed()).toMatch(new RegExp(`^endpoint +VaultNetworkEndpointkms\\w+: allows`, 'm'));
    expect(printed()).toMatch(new RegExp(`^resource +${SHARE_KEY}: allows`, 'm'));
    expect(printed()).toMatch(/^identity +VaultFunctionsunsealRolePermissions\w+: allows nothing/m);
  });

  test('explain uses the default template if none is given', async () => {
    shipDevTemplate();

    const { printed, ended } = run(['explain', ...decrypt(RECORD)]);

    expect(await ended).toBe(0);
    expect(printed()).toMatch(/^ALLOWED +kms:Decrypt\n/);
  });

  test('explain exits 1 if the call is denied, and prints the condition that denies it', async () => {
    const { printed, ended } = explain(decrypt({ ...RECORD, environment: 'prod' }));

    expect(await ended).toBe(1);
    expect(printed()).toMatch(/^DENIED +kms:Decrypt\n/);
    expect(printed()).toMatch(/kms:EncryptionContext:environment dev, got prod/);
  });

  test.each([
    ['administrator', 1],
    ['root', 1],
    ['VaultFunctionssealRole0CD45461', 1],
  ])('%s may not open a record', async (role, code) => {
    const { printed, ended } = explain([role, ...decrypt(RECORD).slice(1)]);

    expect(await ended).toBe(code);
    expect(printed()).toMatch(/^DENIED/);
  });

  test.each([
    ['the service that runs it', 'lambda.amazonaws.com', 0, /^ALLOWED +sts:AssumeRole\n/],
    ['the administrator', 'administrator', 1, /^why +because no role trust policy allows the sts:AssumeRole action$/m],
    ['another account', 'arn:aws:iam::444455556666:root', 1, /^DENIED +sts:AssumeRole\n/],
  ])('explain decides on assuming a function’s role: %s', async (_caller, principal, code, decision) => {
    const { printed, ended } = explain([principal, 'sts:AssumeRole', UNSEAL_ROLE]);

    expect(await ended).toBe(code);
    expect(printed()).toMatch(decision);
  });

  test('explain accepts the logical id of a parameter', async () => {
    const { printed, ended } = explain(['administrator', 'ssm:GetParameter', 'VaultWebhookUrlC17FDE4C']);

    expect(await ended).toBe(0);
    expect(printed()).toMatch(/^on +arn:aws:ssm:us-east-1:111122223333:parameter\/share-vault\/dev\/webhook\/url$/m);
  });

  test('explain prints stand-ins for keys, or the keys of a data folder', async () => {
    const data = folder();
    const key = 'arn:aws:kms:us-east-1:111122223333:key/00000000-0000-0000-0000-000000000001';
    mkdirSync(join(data, 'aws'));
    writeFileSync(join(data, 'aws', 'template-keys.json'), JSON.stringify({ [SHARE_KEY]: key }));

    const standIn = explain(decrypt(RECORD));
    const own = explain([...decrypt(RECORD), '--data', data]);
    const byArn = explain([...decrypt(RECORD, key), '--data', data]);

    expect(await Promise.all([standIn.ended, own.ended, byArn.ended])).toEqual([0, 0, 0]);
    expect(standIn.printed()).not.toContain(key);
    expect(own.printed()).toContain(key);
    expect(byArn.printed()).toBe(own.printed());
  });

  test('explain accepts the name and the ARN of a role', async () => {
    const byId = explain(decrypt(RECORD));
    await byId.ended;
    const [, name = ''] = /assumed-role\/([^/]+)\//.exec(byId.printed()) ?? [];

    const others = [name, `arn:aws:iam::111122223333:role/share-vault/${name}`].map((role) =>
      explain([role, ...decrypt(RECORD).slice(1)]),
    );

    expect(await Promise.all(others.map(({ ended }) => ended))).toEqual([0, 0]);
    expect(others.map(({ printed }) => printed())).toEqual([byId.printed(), byId.printed()]);
  });

  test('explain prints no line over 110 characters', async () => {
    const { printed, ended } = explain(decrypt(RECORD));
    await ended;

    expect(
      printed()
        .split('\n')
        .filter((line) => line.length > 110),
    ).toEqual([]);
  });

  test('explain exits 2 without the package that evaluates policies', async () => {
    const imports = [join(__dirname, 'without-simulator.mjs')];

    const { output, printed, ended } = explain(decrypt(RECORD), { imports });

    expect(await ended).toBe(2);
    expect(output()).toContain('@cloud-copilot/iam-simulate');
    expect(printed()).toBe('');
  });
});

describe('explain without a decision', () => {
  test.each([
    ['an unknown role', ['Nobody', 'kms:Decrypt', SHARE_KEY], /Nobody/],
    ['an unknown resource', ['root', 'kms:Decrypt', 'Nothing'], /Nothing/],
    ['a malformed action', ['root', 'Decrypt', SHARE_KEY], /expected/],
    [
      'a condition key that the action does not have',
      [...decrypt(RECORD), '--context', 'kms:NoSuchKey=1'],
      /kms:NoSuchKey/,
    ],
    ['a context without a value', [...decrypt(RECORD), '--context', 'environment'], /KEY=VALUE/],
    ['a context twice', [...decrypt(RECORD), '--context', 'environment=prod'], /once/],
    ['a missing data folder', [...decrypt(RECORD), '--data', 'no/such/folder'], /no\/such\/folder/],
    ['too few arguments', ['root', 'kms:Decrypt'], /ROLE ACTION RESOURCE/],
    ['an unknown option', [...decrypt(RECORD), '--contxt', 'x'], /--contxt/],
  ] as const)('explain exits 2 with a message: %s', async (_case, args, message) => {
    const { printed, output, ended } = explain(args);

    expect(await ended).toBe(2);
    expect(output()).toMatch(message);
    expect(printed()).toBe('');
  });

  test('explain exits 2 with a message if the default template was not built', async () => {
    const imports = [join(__dirname, 'without-template.mjs')];

    const { output, ended } = run(['explain', 'root', 'kms:Decrypt', SHARE_KEY], { imports });

    expect(await ended).toBe(2);
    expect(output()).toContain('`npx --no-install tsx tools/build/main.ts template` makes');
  });

  test('explain exits 2 with a message if the template does not exist', async () => {
    const { output, ended } = run(['explain', 'root', 'kms:Decrypt', SHARE_KEY, '--template', 'none.template.json']);

    expect(await ended).toBe(2);
    expect(output()).toContain('none.template.json');
  });
});
