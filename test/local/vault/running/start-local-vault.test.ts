import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { type LocalCall, type RunningVault, startLocalVault } from '../../../../local/index';
import { devTemplate } from '../../cli/template';
import { folder, leftOf } from '../../cli/run';

const ROOT = join(__dirname, '..', '..', '..', '..');
const SHARE_KEY = 'VaultKeysShareKeyD97035D7';
const calls: LocalCall[] = [];
const steps: string[] = [];
let vault: RunningVault;
let template: string;
beforeAll(async () => {
  template = devTemplate();
  vault = await startLocalVault({ template, onCall: (call) => calls.push(call), log: (line) => steps.push(line) });
});
afterAll(() => vault.close());

describe('a local vault for tests', () => {
  test('accepts a delivery, and unseals it through a client of the actor', async () => {
    const wallet = { walletId: 'wallet-1', userId: 'user-1' };
    const materials = { delegatedShare: Buffer.from('a share'), walletApiKey: Buffer.from('a key') };
    const client = vault.client(vault.actor('seal', 'unseal'));

    const response = await vault.deliver({ ...wallet, ...materials });
    using record = await client.unseal({ kind: 'delegated-share', ...wallet, chain: 'EVM', reason: 'test' });

    expect(response).toEqual({ status: 200, code: 'Sealed' });
    expect(Buffer.from(record.delegatedShare)).toEqual(materials.delegatedShare);
    expect(calls.slice(-2)).toMatchObject([
      { function: 'share-vault-dev-receive', qualifier: 'live', outcome: 'ok', status: 200 },
      { function: 'share-vault-dev-unseal', qualifier: 'backend', outcome: 'ok' },
    ]);
  });

  test('reports the migration of its start, and each step', () => {
    expect(calls[0]).toMatchObject({ function: 'share-vault-dev-migrate', outcome: 'ok' });
    const names = steps.map((step) => step.split(':')[0]);
    // the keys and the database are created at the same time
    expect(names.slice(0, 2).sort()).toEqual(['database', 'keys']);
    expect(names.slice(2)).toEqual(['triggers']);
  });

  test('explains a decision of its policies', async () => {
    const question = { principal: 'administrator', action: 'kms:Decrypt', resource: SHARE_KEY };

    const { allowed, lines } = await vault.explain(question);

    expect(allowed).toBe(false);
    expect(lines[0]).toMatch(/^DENIED +kms:Decrypt/);
    await expect(vault.explain({ ...question, resource: 'Gone' })).rejects.toThrow(/Gone/);
  });

  test('issues credentials of a role, whose calls the policies decide', async () => {
    expect(() => vault.credentialsOf('Gone')).toThrow('expected a role of the template, got "Gone"');
    const { AWS_ENDPOINT_URL: endpoint = '', AWS_REGION: region = '' } = vault.env;
    const credentials = vault.credentialsOf('VaultFunctionsunsealRoleF477841D');
    const client = new SecretsManagerClient({ endpoint, region, credentials });

    const reading = client.send(new GetSecretValueCommand({ SecretId: 'share-vault/dev/webhook-signing-secret' }));

    await expect(reading).rejects.toThrowWithCode('AccessDeniedException');
  });

  test('returns variables by which an SDK calls it, whatever profile and endpoints the shell has', () => {
    const own = { AWS_PROFILE: 'mine', AWS_USE_FIPS_ENDPOINT: 'true', AWS_ACCESS_KEY_ID: 'AKIAMINE' };
    const script = `const { Lambda } = require('@aws-sdk/client-lambda');
      new Lambda().getFunctionConfiguration({ FunctionName: '${vault.functions.seal ?? ''}' })
        .then(({ FunctionName }) => console.log(FunctionName));`;

    const printed = execFileSync(process.execPath, ['-e', script], {
      cwd: ROOT,
      env: { PATH: process.env.PATH, ...own, AWS_SECRET_ACCESS_KEY: 'mine', ...vault.env },
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });

    expect(printed.trim()).toBe('share-vault-dev-seal');
  });

  test('names the known actors for another one', () => {
    expect(() => vault.client('stranger')).toThrow(
      'expected an actor of dev (backend, auditor, oncall, security), got "stranger"',
    );
    expect(() => vault.envOf('stranger')).toThrow('expected an actor of dev');
    expect(() => vault.actor('seal', 'audit')).toThrow('expected an actor of dev that may call seal, audit, got none');
  });

  test('rejects an unknown rule', async () => {
    await expect(vault.fire('Gone')).rejects.toThrow('expected a rule of the template, got "Gone"');
  });
});

describe('a second local vault', () => {
  test('runs beside the first on other ports, and stops with `await using`', async () => {
    const outside = folder();
    const data = join(outside, 'data');
    {
      await using second = await startLocalVault({ template, dataDir: data });

      expect(second.env.AWS_ENDPOINT_URL).not.toBe(vault.env.AWS_ENDPOINT_URL);
      expect(second.webhook.url).not.toBe(vault.webhook.url);
      await second.close();
    }

    expect(leftOf(data, undefined)).toEqual([]);
    expect(existsSync(join(data, 'folder.lock'))).toBe(false);
  });

  test('rejects requests after it has stopped', async () => {
    const second = await startLocalVault({ template });
    await second.close();

    await expect(second.fire('Gone')).rejects.toThrow("expected the vault's process to run, got its end");
  });
});

describe('a local vault whose starter is killed', () => {
  test.each(['while it starts', 'when it is ready'])('stops and leaves no folder: %s', async (moment) => {
    const temporary = folder();
    const script = join(temporary, 'start.ts');
    const index = JSON.stringify(join(ROOT, 'local', 'index'));
    writeFileSync(
      script,
      `import { startLocalVault } from ${index};
       startLocalVault({ template: ${JSON.stringify(template)}, log: (line) => console.log(line) })
         .then(() => { console.log('ready'); setInterval(() => undefined, 1_000); });`,
    );
    const starter = spawn(process.execPath, ['--import', 'tsx', script], {
      cwd: ROOT,
      env: { ...process.env, TMPDIR: temporary },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const wanted = moment === 'when it is ready' ? 'ready' : 'keys';
    for await (const text of starter.stdout) if (String(text).includes(wanted)) break;

    starter.kill('SIGKILL');
    await once(starter, 'close');

    await until(() => deploymentsIn(temporary).length === 0 && leftOf(join(temporary, 'deployment-'), -1).length === 0);
    expect(readdirSync(temporary).filter((name) => !/^(tsx-|start\.ts$|node-compile-cache$)/.test(name))).toEqual([]);
  });
});

describe('startLocalVault rejects', () => {
  let taken: number;
  const server = createServer();
  beforeAll(async () => {
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    taken = (server.address() as AddressInfo).port;
  });
  afterAll(() => void server.close());

  test('a port that is in use, and leaves no data folder', async () => {
    const data = join(folder(), 'data');

    const starting = startLocalVault({ template, port: taken, dataDir: data });

    await expect(starting).rejects.toThrow(`port: expected a port that no process uses, got ${taken}`);
    expect(existsSync(data)).toBe(false);
  });

  test('a template without a vault, and leaves no data folder', async () => {
    const [data, file] = [join(folder(), 'data'), join(folder(), 'Mine.template.json')];
    writeFileSync(file, JSON.stringify({ Resources: { Key: { Type: 'AWS::KMS::Key', Properties: {} } } }));

    const starting = startLocalVault({ template: file, dataDir: data });

    await expect(starting).rejects.toThrow('expected a template that holds a vault, got one without');
    expect(existsSync(data)).toBe(false);
  });
});

function deploymentsIn(temporary: string): readonly string[] {
  return readdirSync(temporary).filter((name) => name.startsWith('deployment-'));
}

async function until(isTrue: () => boolean): Promise<void> {
  while (!isTrue()) await new Promise((resolve) => setTimeout(resolve, 50));
}
