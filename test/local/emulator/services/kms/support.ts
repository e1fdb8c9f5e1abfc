import { mkdtempSync, rmSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateKeyCommand, type CreateKeyCommandInput, KMSClient, type KMSClientConfig } from '@aws-sdk/client-kms';
import { type AwsServer, type AwsService, startAwsServer } from '../../../../../local/emulator/services';
import { readBody } from '../../../../../local/emulator/services/request';
import type { AwsResponse } from '../../../../../local/emulator/services/service';
import { LocalKms } from '../../../../../local/emulator/services/kms';

const DAY_MS = 86_400_000;

/** A local KMS behind its server, an SDK client and a clock that a test can advance. */
export class KmsFixture {
  readonly dataDir = mkdtempSync(join(tmpdir(), 'share-vault-kms-'));
  readonly credentials = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'unused' };
  readonly #stopping: (() => unknown)[] = [];
  #ahead = 0;
  #running: { readonly kms: LocalKms; readonly server: AwsServer; readonly client: KMSClient } | undefined;

  /** @param before services that get each request before KMS */
  async start(...before: readonly AwsService[]): Promise<this> {
    const kms = new LocalKms({ dataDir: this.dataDir, now: () => this.now });
    const server = await startAwsServer({ services: [...before, kms] });
    this.#running = { kms, server, client: this.newClient({ endpoint: server.url }) };
    return this;
  }

  async stop(): Promise<void> {
    await this.#running?.server.close();
    for (const stop of this.#stopping.splice(0)) await stop();
  }

  /** Adds an action to run when the server stops. */
  onStop(action: () => unknown): void {
    this.#stopping.push(action);
  }

  /** Stops listening; the clients stay open. */
  async closeServer(): Promise<void> {
    await this.running.server.close();
  }

  async remove(): Promise<void> {
    await this.stop();
    rmSync(this.dataDir, { recursive: true, force: true });
  }

  /** For the fixture of a single test: `await using` closes it even if the test fails. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.remove();
  }

  newClient(config: KMSClientConfig = {}): KMSClient {
    const client = new KMSClient({ ...this.config, ...config });
    this.onStop(() => client.destroy());
    return client;
  }

  get config() {
    const endpoint = this.#running?.server.url ?? 'http://127.0.0.1:9';
    return { endpoint, region: 'us-east-1', credentials: this.credentials, maxAttempts: 1 };
  }

  get kms(): LocalKms {
    return this.running.kms;
  }

  get client(): KMSClient {
    return this.running.client;
  }

  get url(): string {
    return this.running.server.url;
  }

  get now(): Date {
    return new Date(Date.now() + this.#ahead);
  }

  passDays(days: number): void {
    this.#ahead += days * DAY_MS;
  }

  /** Creates a key and returns its ARN. */
  async createKey(input: CreateKeyCommandInput = {}): Promise<string> {
    const { KeyMetadata } = await this.client.send(new CreateKeyCommand(input));
    return KeyMetadata?.Arn ?? '';
  }

  private get running() {
    if (this.#running === undefined) throw new Error('expected a started fixture');
    return this.#running;
  }
}

/** Returns a copy with one flipped bit. */
export function flipped(bytes: Uint8Array, at: number): Buffer {
  const copy = Buffer.from(bytes);
  copy[at] = (copy[at] ?? 0) ^ 1;
  return copy;
}

/** Returns a service that takes the matching requests and gives each the same response. */
export function interceptor(
  take: (request: IncomingMessage) => boolean,
  response: Partial<AwsResponse> = {},
): AwsService {
  const sent = { status: 200, headers: {}, body: '', ...response };
  return {
    signingName: 'any',
    protocol: 'json',
    matches: take,
    readBody,
    readCall: () => ({ operation: 'Any', input: {}, accessKeyId: '' }),
    respond: () => Promise.resolve(sent),
    errorResponse: () => sent,
  };
}
