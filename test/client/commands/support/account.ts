import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Readable, Writable } from 'node:stream';
import { CreateKeyCommand, DecryptCommand, KMSClient, type KeySpec } from '@aws-sdk/client-kms';
import {
  CreateSecretCommand,
  GetSecretValueCommand,
  PutSecretValueCommand,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { runCli } from '../../../../client/commands/run';
import { type AwsServer, LocalParameters, LocalSecrets, startAwsServer } from '../../../../local/emulator/services';
import { LocalKms } from '../../../../local/emulator/services/kms';
import { useEndpoint } from '../../../support/use-endpoint';

export interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

const CREDENTIALS = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'unused' };

/** An account with KMS, Secrets Manager and Parameter Store on loopback. Commands find it by the SDK's variables. */
export class Account {
  readonly parameters = new LocalParameters();
  readonly kms: LocalKms;
  readonly secrets: LocalSecrets;
  readonly #dataDir = mkdtempSync(join(tmpdir(), 'share-vault-account-'));
  #server: AwsServer | undefined;
  #clients: { readonly kms: KMSClient; readonly secrets: SecretsManagerClient } | undefined;

  constructor() {
    this.kms = new LocalKms({ dataDir: this.#dataDir });
    this.secrets = new LocalSecrets({ dataDir: join(this.#dataDir, 'secrets') });
  }

  async start(): Promise<this> {
    const { kms, secrets, parameters } = this;
    this.#server = await startAwsServer({ services: [kms, secrets, parameters] });
    const config = { endpoint: this.#server.url, region: 'eu-central-1', credentials: CREDENTIALS };
    this.#clients = { kms: new KMSClient(config), secrets: new SecretsManagerClient(config) };
    useEndpoint({ url: this.#server.url, credentials: CREDENTIALS });
    process.env.AWS_MAX_ATTEMPTS = '1';
    return this;
  }

  async stop(): Promise<void> {
    await this.#server?.close();
    this.#clients?.kms.destroy();
    this.#clients?.secrets.destroy();
    rmSync(this.#dataDir, { recursive: true, force: true });
  }

  /** Creates a key as the constructs publish it. Returns its ARN. */
  async createKey(path: string, KeySpec: KeySpec = 'RSA_2048'): Promise<string> {
    const command = new CreateKeyCommand({ KeySpec, KeyUsage: 'ENCRYPT_DECRYPT' });
    const { KeyMetadata } = await this.#connected.kms.send(command);
    const arn = KeyMetadata?.Arn ?? '';
    this.parameters.publish(`/share-vault/prod/keys/${path}`, arn);
    return arn;
  }

  async unwrap(KeyId: string, CiphertextBlob: Uint8Array): Promise<Buffer> {
    const command = new DecryptCommand({ KeyId, CiphertextBlob, EncryptionAlgorithm: 'RSAES_OAEP_SHA_256' });
    const { Plaintext } = await this.#connected.kms.send(command);
    return Buffer.from(Plaintext ?? []);
  }

  /** Creates an empty secret as the constructs publish the signing secret. Returns its ARN. */
  async createSigningSecret(environment = 'prod'): Promise<string> {
    const Name = `share-vault/${environment}/webhook-signing-secret`;
    const { ARN = '' } = await this.#connected.secrets.send(new CreateSecretCommand({ Name }));
    this.parameters.publish(`/share-vault/${environment}/webhook/secret`, ARN);
    return ARN;
  }

  async putSecret(SecretId: string, SecretString: string): Promise<void> {
    await this.#connected.secrets.send(new PutSecretValueCommand({ SecretId, SecretString }));
  }

  async readSecret(SecretId: string, VersionStage = 'AWSCURRENT'): Promise<string | undefined> {
    const command = new GetSecretValueCommand({ SecretId, VersionStage });
    return (await this.#connected.secrets.send(command)).SecretString;
  }

  get #connected() {
    if (this.#clients === undefined) throw new Error('expected a started account, got none');
    return this.#clients;
  }
}

/** Runs the command line as the process does, with this standard input. */
export async function run(args: readonly string[], input = '', env = {}): Promise<Ran> {
  return ran(args, Readable.from([Buffer.from(input)]), env);
}

/** Runs the command line at a terminal with these keys as input. The terminal's output is in `stderr`. */
export async function runAtTerminal(args: readonly string[], keys: string): Promise<Ran & { readonly raw: boolean[] }> {
  const raw: boolean[] = [];
  const terminal = Object.assign(new PassThrough(), { isTTY: true, setRawMode: (mode: boolean) => raw.push(mode) });
  terminal.write(keys);
  return { ...(await ran(args, terminal, {})), raw };
}

async function ran(
  args: readonly string[],
  stdin: Readable & { readonly isTTY?: boolean },
  env: Readonly<Record<string, string>>,
): Promise<Ran> {
  const [stdout, stderr] = [new Text(), new Text()];
  const code = await runCli(args, { stdin, stdout, stderr }, env);
  return { code, stdout: stdout.text, stderr: stderr.text };
}

class Text extends Writable {
  text = '';

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.text += chunk.toString();
    done();
  }
}
