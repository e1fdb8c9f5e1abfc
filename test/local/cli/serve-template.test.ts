import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { createPublicKey } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { DescribeKeyCommand, GetPublicKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { ShareVaultClient } from '../../../client/index';
import { readTrail, trailFile } from '../../../local/emulator/deploy';
import { makeWallet } from '../../e2e/harness';
import { type Run, folder, killAll, leftOf, run } from './run';
import { type Config, keepLogs, preparedData, printedConfig, profileConfig, profilesIn, serve, serveFrom, stop, value } from './served'; // prettier-ignore
import { devTemplate } from './template';

let template: string;
/** A vault with ports and a data folder of its own. No test stops or changes it. */
let plain: Run;
let plainData: string;
let plainPorts: readonly number[];
/** A vault in a temporary folder. One test stops it. */
let traced: Run;
beforeAll(async () => {
  template = devTemplate();
  plainData = await preparedData();
  plainPorts = [await freePort(), await freePort()];
  const ports = ['--port', `${plainPorts[0]}`, '--webhook-port', `${plainPorts[1]}`];
  plain = await serveFrom(plainData, ['--template', template, ...ports]);
  traced = await serve(template, ['--trace']);
});
afterEach(() => killAll([plain, traced]));
afterAll(async () => expect(await stop(plain)).toBe(0));
afterAll(() => killAll());

const NOT_AUTHORIZED = 'no authorization │ ';
const WITHOUT_SIMULATOR = { imports: [join(__dirname, 'without-simulator.mjs')] };

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  return port;
}

/** Creates a client from the printed configuration and the published intake key. */
async function client(config: Config): Promise<ShareVaultClient> {
  const publicKey = await intakeKey(config);
  return new ShareVaultClient({
    environment: 'dev',
    actor: 'backend',
    functions: { seal: 'share-vault-dev-seal', unseal: 'share-vault-dev-unseal' },
    intakeKeys: [{ kid: 'intake-1', publicKey }],
    lambda: new LambdaClient({ ...config, maxAttempts: 1 }),
  });
}

async function intakeKey(config: Config) {
  const KeyId = await intakeKeyArn(config);
  const { PublicKey = new Uint8Array() } = await new KMSClient(config).send(new GetPublicKeyCommand({ KeyId }));
  return createPublicKey({ key: Buffer.from(PublicKey), format: 'der', type: 'spki' });
}

async function intakeKeyArn(config: Config): Promise<string> {
  const Name = '/share-vault/dev/keys/intake/intake-1';
  const { Parameter } = await new SSMClient(config).send(new GetParameterCommand({ Name }));
  return Parameter?.Value ?? '';
}

describe('serve --template', () => {
  test('serve accepts the administrator, keeps data and trail, and leaves no process or lock after Ctrl-C', async () => {
    const data = await preparedData();
    const wallet = makeWallet();
    const first = await serveFrom(data, ['--template', template]);
    await (await client(printedConfig(first.printed()))).seal({ kind: 'delegated-share', ...wallet });
    expect(await stop(first)).toBe(0);
    expect(leftOf(data, first.child.pid)).toEqual([]);
    expect(
      ['folder.lock', 'folder.owner', 'starting.lock', 'aws-config'].filter((name) => existsSync(join(data, name))),
    ).toEqual([]);

    const second = await serveFrom(data, ['--template', template]);
    const vault = await client(printedConfig(second.printed()));
    const { walletId, chain } = wallet;
    using record = await vault.unseal({ kind: 'delegated-share', walletId, chain, reason: 'test' });

    expect(Buffer.from(record.delegatedShare)).toEqual(wallet.materials.delegatedShare);
    expect(await stop(second)).toBe(0);
    const trail = readTrail(trailFile(data)).filter(({ principal }) => principal.endsWith('seal'));
    expect(trail.map(({ action, principal }) => `${action} ${principal.split('/').at(-1)}`).sort()).toEqual([
      'kms:Decrypt share-vault-dev-seal',
      'kms:Decrypt share-vault-dev-seal',
      'kms:Decrypt share-vault-dev-unseal',
      'kms:Decrypt share-vault-dev-unseal',
      'kms:GenerateDataKey share-vault-dev-seal',
      'kms:GenerateDataKey share-vault-dev-seal',
    ]);
    keepLogs(data);
  });

  test('serve writes a profile for each role, decides on its calls, and traces them with --trace', async () => {
    const role = /^ +local-vault-(ShareVault-dev-\S+) +runs share-vault-dev-unseal$/m.exec(traced.printed())?.[1] ?? '';
    const KeyId = await intakeKeyArn(profileConfig(traced.printed(), 'administrator'));

    const opening = new KMSClient(profileConfig(traced.printed(), role)).send(new DescribeKeyCommand({ KeyId }));

    await expect(opening).rejects.toThrow(/assumed-role\/.+ is not authorized to perform: kms:DescribeKey on resource/);
    await traced.shows('DENY ');
    expect(traced.printed()).toMatch(/^allow assumed-role\/\S+\/share-vault-dev-migrate \S+/m);
    expect(traced.printed()).toMatch(/^DENY {2}assumed-role\/\S+\/session kms:DescribeKey key\/\S+ /m);
    const file = profilesIn(traced.printed());
    expect((statSync(file).mode & 0o777).toString(8)).toBe('600');
    expect(await stop(traced)).toBe(0);
    expect(existsSync(dirname(file))).toBe(false);
  });

  test('serve --verbose names skipped resources', () => {
    expect(traced.printed()).toMatch(/^ +AWS::CloudWatch::Alarm +VaultWatchAlarmssealFailed\w+$/m);
  });

  test('serve prints functions with their actors, the webhook, and commands that explain decisions', () => {
    const printed = plain.printed();

    expect(printed).toMatch(/^ +share-vault-dev-unseal +backend$/m);
    expect(printed).toMatch(/^ +share-vault-dev-audit +auditor$/m);
    expect(value(printed, 'AWS_ENDPOINT_URL')).toBe(`http://127.0.0.1:${plainPorts[0]}`);
    expect(value(printed, 'webhook')).toBe(`http://127.0.0.1:${plainPorts[1]}/webhooks/dynamic`);
    expect(printed).toContain(' explain administrator kms:Decrypt ');
    expect(printed).toMatch(/ trail --data \S+ --follow/);
  });
});

describe('a data folder in use', () => {
  test('serve refuses a data folder in use, and the vault that uses it keeps running', async () => {
    const { output, ended } = run(['serve', '--template', template, '--data', plainData]);

    expect(await ended).toBe(1);
    expect(output()).toContain(`expected an unused data folder, got one in use by process ${plain.child.pid}`);
    await expect(intakeKeyArn(profileConfig(plain.printed(), 'administrator'))).resolves.toMatch(/^arn:aws:kms:/);
  });
});

describe('serve --template --no-authorization', () => {
  test('serve --no-authorization needs no policy package, allows every signed call, and marks every line', async () => {
    const data = await preparedData();
    const args = ['--template', template, '--no-authorization'];
    const served = await serveFrom(data, args, WITHOUT_SIMULATOR);
    const role = /(ShareVault-dev-\S+) +runs share-vault-dev-unseal$/m.exec(served.printed())?.[1] ?? '';
    const config = profileConfig(served.printed(), role);
    const describeKey = new DescribeKeyCommand({ KeyId: await intakeKeyArn(config) });

    await expect(new KMSClient(config).send(describeKey)).resolves.toMatchObject({ KeyMetadata: { Enabled: true } });
    const forged = { ...config, credentials: { ...config.credentials, secretAccessKey: 'x' } };
    await expect(new KMSClient(forged).send(describeKey)).rejects.toThrowWithCode('InvalidSignatureException');
    expect(await stop(served)).toBe(0);
    const lines = served.printed().split('\n').slice(0, -1);
    expect(lines.length).toBeGreaterThan(50);
    expect(lines.filter((line) => !line.startsWith(NOT_AUTHORIZED))).toEqual([]);
  });

  test('serve starts nothing without the option and without the policy package', async () => {
    const { output, printed, ended } = run(['serve', '--template', template], WITHOUT_SIMULATOR);

    expect(await ended).toBe(1);
    expect(output()).toContain('@cloud-copilot/iam-simulate');
    expect(output()).toContain('--no-authorization');
    expect(printed()).toBe('');
  });

  test('serve marks no line if policies are evaluated', () => {
    expect(plain.printed()).not.toContain('no authorization');
  });
});

describe('serve with a bad template', () => {
  test.each([
    ['that does not exist', undefined, /expected a file that can be read/],
    ['that is YAML', 'Resources:\n  A:\n    Type: AWS::KMS::Key\n', /expected JSON/],
    ['with a dangling reference', JSON.stringify({ Resources: { A: { Type: 'AWS::KMS::Alias', Properties: { AliasName: 'alias/a', TargetKeyId: { Ref: 'Gone' } } } } }), /Resources\.A\..*Gone/], // prettier-ignore
  ])('serve exits 1 for a template %s, with the problem and the file on one line', async (_case, text, message) => {
    const file = join(folder(), 'Mine.template.json');
    if (text !== undefined) writeFileSync(file, text);

    const { output, ended } = run(['serve', '--template', file]);

    expect(await ended).toBe(1);
    const [line = '', ...more] = messageLines(output());
    expect(line).toMatch(message);
    expect(line).toContain(file);
    expect(more).toEqual([]);
  });
});

/** Returns the output without the banner's first line and Node's warnings. */
function messageLines(output: string): readonly string[] {
  const lines = output.split('\n').filter((line) => line.trim() !== '');
  return lines.filter((line) => !/on this machine$|Warning|node --trace/.test(line));
}

describe('an interrupted serve', () => {
  test.each(['keys', 'triggers'])('stops after %s, and leaves no process and no folder', async (step) => {
    const temporary = folder();
    const { child, shows, ended } = run(['serve', '--template', template], { env: { TMPDIR: temporary } });
    await shows(step);

    child.kill('SIGINT');

    expect(await ended).toBe(0);
    expect(leftOf(temporary, child.pid)).toEqual([]);
    expect(readdirSync(temporary).filter((name) => !name.startsWith('tsx-'))).toEqual([]);
  });

  test('stops when the reader of its output is gone, and leaves no process and no folder', async () => {
    const temporary = folder();
    const { child, shows, ended } = run(['serve', '--template', template], { env: { TMPDIR: temporary } });
    await shows('keys');

    child.stdout?.destroy();

    expect(await ended).toBe(0);
    expect(leftOf(temporary, child.pid)).toEqual([]);
    expect(readdirSync(temporary).filter((name) => !name.startsWith('tsx-'))).toEqual([]);
  });
});
