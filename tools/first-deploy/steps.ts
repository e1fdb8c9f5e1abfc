import { randomFillSync, randomUUID } from 'node:crypto';
import { PassThrough, Readable } from 'node:stream';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { clientConfig } from '../../client/commands/client-config';
import { fetchPublicKey, publishedKeys } from '../../client/commands/rsa-keys';
import { runCli } from '../../client/commands/run';
import { ShareVaultClient, ShareVaultError } from '../../client/index';
import { ATTEMPT_TIMEOUT_MS } from '../../client/options';

export interface Target {
  readonly environment: string;
  /** An actor that may seal, unseal and revoke delegated shares. */
  readonly actor: string;
  /** An actor that may audit. */
  readonly auditor: string;
  readonly region: string | undefined;
}

/** One claim about a deployed vault. `run` returns what was found, and throws if the claim does not hold. */
export interface Step {
  /** The number of its step in docs/first-deploy.md. */
  readonly step: string;
  readonly claim: string;
  run(): Promise<string>;
}

const KIND = 'delegated-share';

/** The scripted steps, in their order; each but the first needs those before it. */
export async function createSteps(target: Target): Promise<readonly Step[]> {
  const actor = await connect(target, target.actor);
  const auditor = await connect(target, target.auditor);
  const wallet = { walletId: `first-deploy-${randomUUID()}`, chain: 'TEST' };
  const material = { delegatedShare: randomMaterial(457), walletApiKey: randomMaterial(51) };
  const seal = () => actor.seal({ kind: KIND, ...wallet, userId: 'first-deploy', materials: material });
  const unseal = () => actor.unseal({ kind: KIND, ...wallet, reason: 'first deploy' });
  return [
    { step: '4', claim: 'doctor finds no problem', run: () => command(target, 'doctor', '--json') },
    { step: '5', claim: 'an actor seals made-up material', run: async () => `record ${(await seal()).recordId}` },
    { step: '5', claim: 'a second seal over a live record is refused', run: () => refused(seal, 'Conflict') },
    {
      step: '5',
      claim: 'the material comes back byte for byte',
      run: async () => {
        using record = await unseal();
        if (Buffer.compare(record.delegatedShare, material.delegatedShare) !== 0) throw new Error('another share');
        if (Buffer.compare(record.walletApiKey, material.walletApiKey) !== 0) throw new Error('another API key');
        return '457 and 51 bytes';
      },
    },
    {
      step: '5',
      claim: 'revoking destroys the record',
      run: async () => {
        const { revoked } = await actor.revoke({ ...wallet, reason: 'first deploy' });
        if (revoked !== 1) throw new Error(`expected 1 record, got ${revoked}`);
        return '1 record';
      },
    },
    { step: '5', claim: 'a revoked wallet opens no more', run: () => refused(unseal, 'Revoked') },
    {
      step: '5',
      claim: 'the access log has every call, and its chain is intact',
      run: async () => {
        const { intact, length } = await auditor.verifyAccessLog(wallet);
        if (!intact || length < 4) throw new Error(`expected an intact chain of 4 rows or more, got ${length}`);
        return `${length} rows`;
      },
    },
    { step: '6', claim: 'the webhook takes a delivery and a revocation', run: () => webhook(target) },
  ];
}

async function connect(target: Target, actor: string): Promise<ShareVaultClient> {
  const { environment, region } = target;
  const named = (name: string) => `share-vault-${environment}-${name}`;
  const keys = await publishedKeys({ environment, region }, 'intake', undefined);
  const newest = keys.at(-1);
  if (newest === undefined) throw new Error('expected an intake key, got none');
  const { publicKey } = await fetchPublicKey(newest, { region });
  return new ShareVaultClient({
    environment,
    actor,
    functions: { seal: named('seal'), unseal: named('unseal'), revoke: named('revoke'), audit: named('audit') },
    intakeKeys: [{ kid: newest.kid, publicKey }],
    lambda: new LambdaClient(clientConfig(region, { requestTimeout: ATTEMPT_TIMEOUT_MS, maxAttempts: 1 })),
  });
}

function randomMaterial(bytes: number): Buffer {
  return randomFillSync(Buffer.allocUnsafeSlow(bytes));
}

async function refused(call: () => Promise<unknown>, code: string): Promise<string> {
  const got = await call().then(
    () => 'a response',
    (error: unknown) => (error instanceof ShareVaultError ? error.code : String(error)),
  );
  if (got !== code) throw new Error(`expected ${code}, got ${got}`);
  return code;
}

async function webhook(target: Target): Promise<string> {
  const keys = await publishedKeys(target, 'webhook', undefined).catch(() => []);
  return keys.length === 0 ? 'no webhook' : command(target, 'webhook-test');
}

/** Runs a command of the command line, and returns its last line. */
async function command({ environment, region }: Target, name: string, ...options: string[]): Promise<string> {
  // read after the end
  const stdout = new PassThrough({ highWaterMark: 16_777_216 });
  const stderr = new PassThrough({ highWaterMark: 1_048_576 });
  const args = [name, '--environment', environment, ...(region === undefined ? [] : ['--region', region]), ...options];
  const code = await runCli(args, { stdin: Readable.from([]), stdout, stderr }, {});
  const printed = String(stdout.read() ?? '') + String(stderr.read() ?? '');
  if (code !== 0) throw new Error(`expected exit code 0, got ${code}:\n${printed}`);
  return 'exit code 0';
}
