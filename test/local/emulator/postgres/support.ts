import { chmodSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { connect as connectPlain } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect as connectTls } from 'node:tls';
import { Signer } from '@aws-sdk/rds-signer';
import { Client, type ClientConfig } from 'pg';
import { connect } from '../../../../lambda/store/connection';
import { type LocalPostgres, startPostgres } from '../../../../local/emulator/postgres';
import { type Session, Sessions, type TokenDecision, verifyDatabaseToken } from '../../../../local/emulator/signature';
import { VAULT_DATABASE } from '../../../../local/vault/options';
import { copyDatabase } from '../../../support/kept-database';
import { soon } from '../../../support/postgres';
import { logFolder } from '../../../support/run';
import { PRINCIPAL, REGION, credentialsOf } from '../signature/support';

/** A migrated database with IAM logins, and the sessions that may sign tokens. */
export class IamDatabase {
  readonly sessions = new Sessions();
  readonly session = this.sessions.issue(PRINCIPAL, { seconds: 3_600 });
  /** all decisions, oldest first */
  readonly decisions: TokenDecision[] = [];
  /** number of logins that requested a decision, made or not */
  asked = 0;
  /** awaited before a decision */
  gate: Promise<unknown> = Promise.resolve();
  /** thrown instead of a decision */
  failure: Error | undefined;
  /** read at each login */
  readonly passwordUsers = ['share_vault_master', 'postgres'];
  /** lead of the verifying clock, in milliseconds */
  ahead = 0;
  #started: LocalPostgres | undefined;

  private constructor(
    readonly dataDir: string,
    private readonly loginTimeoutMs: number | undefined,
  ) {}

  get server(): LocalPostgres {
    if (this.#started === undefined) throw new Error('expected a server that was started, got none');
    return this.#started;
  }

  /** Starts the database. The default time limit is long, so that tests don't time out on a slow machine. */
  static async start(loginTimeoutMs?: number): Promise<IamDatabase> {
    const database = new IamDatabase(await mkdtemp(join(tmpdir(), 'share-vault-iam-')), loginTimeoutMs);
    await copyDatabase('migrated', database.dataDir);
    await database.startServer();
    return database;
  }

  async startServer(): Promise<void> {
    const logs = logFolder();
    chmodSync(logs, 0o777);
    this.#started = await startPostgres({
      dataDir: this.dataDir,
      names: VAULT_DATABASE,
      logFile: join(logs, 'postgres.log'),
      settings: { fsync: 'off' },
      iam: {
        authorise: (user, token) => this.authorise(user, token),
        loginTimeoutMs: this.loginTimeoutMs,
        passwordUsers: this.passwordUsers,
      },
    });
  }

  async authorise(user: string, token: string): Promise<boolean> {
    this.asked += 1;
    await this.gate;
    if (this.failure !== undefined) throw this.failure;
    const { host, port } = this.server;
    const now = () => Date.now() + this.ahead;
    const decision = verifyDatabaseToken(
      token,
      { host, port, user },
      { credentials: this.sessions, region: REGION, now },
    );
    this.decisions.push(decision);
    return decision.accepted;
  }

  /** Returns a token for a user, as a function's process signs it. */
  token(user: string, session: Session = this.session): Promise<string> {
    const { host, port } = this.server;
    const credentials = credentialsOf(session);
    return new Signer({ hostname: host, port, username: user, region: REGION, credentials }).getAuthToken();
  }

  login({
    user,
    password,
    port = this.server.port,
  }: {
    user: string;
    password: string;
    port?: number;
  }): Promise<Client> {
    return connect({ ...this.server, port, user, password: () => Promise.resolve(password) }, soon());
  }

  async loginByToken(user: string): Promise<Client> {
    return this.login({ user, password: await this.token(user) });
  }

  /** Sends bytes without TLS, and returns the response until the other side closes. */
  say(...words: readonly Buffer[]): Promise<Buffer> {
    return conversation(connectPlain(this.server.port, '127.0.0.1'), words);
  }

  /** Sends bytes inside TLS, and returns the response until the other side closes. */
  async sayInside(...words: readonly Buffer[]): Promise<Buffer> {
    const socket = connectPlain(this.server.port, '127.0.0.1');
    socket.write(request(80_877_103));
    await new Promise((resolve) => socket.once('readable', resolve));
    socket.read(1);
    return conversation(connectTls({ socket, ca: await readFile(this.server.caFile), host: 'localhost' }), words);
  }

  async stop(): Promise<void> {
    await this.server.stop();
    await rm(this.dataDir, { recursive: true, force: true });
  }
}

async function conversation(socket: ReturnType<typeof connectPlain>, words: readonly Buffer[]): Promise<Buffer> {
  const chunks: Buffer[] = [];
  const closed = new Promise((resolve) => socket.once('close', resolve));
  socket.on('error', () => undefined).on('data', (chunk: Buffer) => chunks.push(chunk));
  socket.write(Buffer.concat(words));
  await closed;
  return Buffer.concat(chunks);
}

const int32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
};

/** Returns a start-up message: its length, a code and the rest. */
export function request(code: number, rest: Buffer = Buffer.alloc(0), length = 8 + rest.length): Buffer {
  return Buffer.concat([int32(length), int32(code), rest]);
}

export const startup = (...texts: readonly string[]): Buffer =>
  request(3 << 16, Buffer.from(`${texts.join('\0')}\0\0`));

/** Checks again until the condition is true. */
export async function eventually(isSo: () => Promise<boolean>): Promise<void> {
  for (const deadline = soon(); !(await isSo());) {
    if (deadline.remainingMs() === 0) throw new Error('expected it to become so, got no change');
    await sleep(20);
  }
}

/** Returns a client without the vault's own connection settings. */
export function plainClient({ port, database }: LocalPostgres, options: ClientConfig): Client {
  const client = new Client({ host: 'localhost', port, database, ...options });
  client.on('error', () => undefined);
  return client;
}
