import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, statSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { Client } from 'pg';
import { connect } from '../../../../lambda/store/connection';
import {
  type LocalPostgres,
  type LocalPostgresOptions,
  type Login,
  startPostgres,
} from '../../../../local/emulator/postgres';
import { VAULT_DATABASE } from '../../../../local/vault/options';
import { isStillValid } from '../../../../local/emulator/postgres/certificates';
import { copyDatabase } from '../../../support/kept-database';
import { isRunning } from '../../../support/processes';
import { soon } from '../../../support/postgres';

let dataDir: string;
let running: LocalPostgres[];
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'share-vault-postgres-'));
  running = [];
});
afterEach(async () => {
  for (const server of running) await server.stop();
  await rm(dataDir, { recursive: true, force: true });
});

/** Prepares the folder as a first start does, without its seconds of work. */
const seed = (): Promise<void> => copyDatabase('empty', dataDir);

async function start(options: Partial<LocalPostgresOptions> = {}): Promise<LocalPostgres> {
  const settings = { fsync: 'off', ...options.settings };
  const server = await startPostgres({ names: VAULT_DATABASE, dataDir, ...options, settings });
  running.push(server);
  return server;
}

const passwordOf = (login: Login) => ({ user: login.user, password: () => Promise.resolve(login.password) });

/** Returns the rows of a query, each as an array. */
async function ask(server: LocalPostgres, login: Login, text: string): Promise<unknown[][]> {
  const client = await connect({ ...server, ...passwordOf(login) }, soon());
  try {
    return (await client.query<unknown[]>({ text, rowMode: 'array' })).rows;
  } finally {
    await client.end();
  }
}

describe('a server', () => {
  let server: LocalPostgres;
  let sharedDir: string;
  beforeAll(async () => {
    sharedDir = await mkdtemp(join(tmpdir(), 'share-vault-postgres-'));
    server = await startPostgres({ names: VAULT_DATABASE, dataDir: sharedDir, settings: { fsync: 'off' } });
  });
  afterAll(async () => {
    await server.stop();
    await rm(sharedDir, { recursive: true, force: true });
  });

  test('listens only on loopback, accepts logins over TLS 1.3 with SCRAM, and keeps values out of its log', async () => {
    const settings = `SELECT name, setting FROM pg_settings WHERE name IN ('listen_addresses', 'unix_socket_directories', 'ssl',
      'ssl_min_protocol_version', 'password_encryption', 'log_statement', 'log_parameter_max_length',
      'log_parameter_max_length_on_error')`;
    const tls = 'SELECT ssl, version FROM pg_stat_ssl WHERE pid = pg_backend_pid()';
    expect(Object.fromEntries(await ask(server, server.superuser, settings))).toEqual({
      listen_addresses: '127.0.0.1',
      unix_socket_directories: '',
      ssl: 'on',
      ssl_min_protocol_version: 'TLSv1.3',
      password_encryption: 'scram-sha-256',
      log_statement: 'none',
      log_parameter_max_length: '0',
      log_parameter_max_length_on_error: '0',
    });
    await expect(ask(server, server.master, tls)).resolves.toEqual([[true, 'TLSv1.3']]);
  });

  test('does not listen on other addresses of the machine', async () => {
    const outside = Object.values(networkInterfaces())
      .flat()
      .filter((each) => each?.internal === false);
    const hosts = outside.flatMap((each) => (each?.family === 'IPv4' ? [each.address] : []));
    for (const host of hosts) {
      const attempt = connect({ ...server, host, ...passwordOf(server.master) }, soon());
      await expect(attempt).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    }
  });

  test.each([
    ['without TLS', false, { code: '28000' }],
    ['with TLS 1.2', { rejectUnauthorized: false, maxVersion: 'TLSv1.2' } as const, { code: 'EPROTO' }],
  ])('refuses a client %s', async (_, ssl, error) => {
    const { port, database, master } = server;
    const client = new Client({ host: '127.0.0.1', port, database, ...master, ssl });
    client.on('error', () => undefined);
    await expect(client.connect()).rejects.toMatchObject(error);
  });

  test('refuses a wrong password', async () => {
    const attempt = ask(server, { ...server.master, password: 'wrong' }, 'SELECT 1');
    await expect(attempt).rejects.toMatchObject({ code: '28P01' });
  });

  test('has a master that is no superuser, and the roles of Aurora', async () => {
    const roles = `SELECT rolname, rolsuper, rolcreaterole, rolcreatedb, rolcanlogin FROM pg_roles
      WHERE rolname LIKE 'rds%' OR rolname = current_user ORDER BY 1`;
    const passing =
      "SELECT pg_has_role('rds_iam', 'USAGE WITH ADMIN OPTION') OR pg_has_role('rds_iam', 'MEMBER WITH ADMIN OPTION')";
    await expect(ask(server, server.master, roles)).resolves.toEqual([
      ['rds_iam', false, false, false, false],
      ['rds_superuser', false, false, false, false],
      ['share_vault_master', false, true, true, true],
    ]);
    await expect(ask(server, server.master, passing)).resolves.toEqual([[true]]);
    await expect(ask(server, server.master, 'SELECT rolpassword FROM pg_authid')).rejects.toMatchObject({
      code: '42501',
    });
  });

  test('keeps keys and passwords to their owners', async () => {
    const files = ['superuser-password', 'master-password', 'tls/server.key', 'postgres.log'];
    expect(files.map((file) => statSync(join(sharedDir, file)).mode & 0o777)).toEqual([0o600, 0o600, 0o600, 0o600]);
    expect(statSync(join(sharedDir, 'cluster')).mode & 0o777).toBe(0o700);
  });
});

describe('a server over a folder', () => {
  beforeEach(seed);

  test('lets settings replace its own', async () => {
    const server = await start({ settings: { log_statement: 'all' } });
    await ask(server, server.master, "SELECT 'in the log'");
    expect(await readFile(server.logFile, 'utf8')).toContain("SELECT 'in the log'");
  });

  test('keeps what it holds, its certificate and its passwords over a restart', async () => {
    const first = await start();
    const certificate = await readFile(first.caFile, 'utf8');
    await ask(first, first.master, 'CREATE TABLE public.kept AS SELECT 1 AS id');
    await first.stop();
    const second = await start();
    await expect(ask(second, first.master, 'SELECT id FROM public.kept')).resolves.toEqual([[1]]);
    await expect(readFile(second.caFile, 'utf8')).resolves.toBe(certificate);
  });

  test('leaves no process and no lock when stopped, twice', async () => {
    const server = await start();
    await server.stop();
    await server.stop();
    expect(isRunning(server.pid)).toBe(false);
    expect(existsSync(join(dataDir, 'cluster', 'postmaster.pid'))).toBe(false);
  });
});

describe('a certificate', () => {
  beforeEach(seed);

  test('is made again for other hosts, and near its end', async () => {
    const certificateFile = join(dataDir, 'tls', 'server.pem');
    await (await start()).stop();
    const first = await readFile(certificateFile, 'utf8');
    await (await start({ certificateHosts: ['elsewhere.test'] })).stop();
    const second = await readFile(certificateFile, 'utf8');
    const inDays = (days: number) => Date.now() + days * 86_400_000;
    expect(second).not.toBe(first);
    expect([330, 340].map((days) => isStillValid(second, ['elsewhere.test'], inDays(days)))).toEqual([true, false]);
    expect(isStillValid(second, ['localhost'], Date.now())).toBe(false);
  });
});

describe('a second start', () => {
  beforeEach(seed);

  test('over a folder in use is refused, and leaves the first unchanged', async () => {
    const first = await start();
    await expect(startPostgres({ names: VAULT_DATABASE, dataDir })).rejects.toThrow(
      `expected an unused data folder, got one in use by PostgreSQL (process ${first.pid}): stop it first`,
    );
    await expect(ask(first, first.master, 'SELECT 1')).resolves.toEqual([[1]]);
  });

  test('over a folder that another major version made is refused, and leaves it as it is', async () => {
    await (await start()).stop();
    await writeFile(join(dataDir, 'cluster', 'PG_VERSION'), '18\n');
    await expect(start()).rejects.toThrow(/^expected a data folder made by PostgreSQL \d+, got one made by 18 in /);
    await expect(readFile(join(dataDir, 'cluster', 'PG_VERSION'), 'utf8')).resolves.toBe('18\n');
  });

  test('after the first was killed with its starter recovers', async () => {
    const starter = spawn(process.execPath, ['--import', 'tsx', join(__dirname, 'starter.ts'), dataDir]);
    const [line] = (await once(starter.stdout, 'data')) as [Buffer];
    starter.kill('SIGKILL');
    const server = await start();
    expect(isRunning(Number(line))).toBe(false);
    await expect(ask(server, server.master, 'SELECT 1')).resolves.toEqual([[1]]);
  });

  test('stops a server that outlived its starter and its watcher', async () => {
    const starter = spawn(process.execPath, ['--import', 'tsx', join(__dirname, 'starter.ts'), dataDir]);
    const [line] = (await once(starter.stdout, 'data')) as [Buffer];
    const orphan = Number(line);
    for (const pid of await relativesOf(orphan, starter.pid)) process.kill(pid, 'SIGKILL');
    const server = await start();
    expect(isRunning(orphan)).toBe(false);
    await expect(ask(server, server.master, 'SELECT 1')).resolves.toEqual([[1]]);
  });

  test('over the lock of a dead server whose number another process has recovers', async () => {
    await (await start()).stop();
    await writeFile(join(dataDir, 'cluster', 'postmaster.pid'), `${process.pid}\n`);
    const server = await start();
    await expect(ask(server, server.master, 'SELECT 1')).resolves.toEqual([[1]]);
  });

  test('after an interrupted first start creates the cluster again', async () => {
    await (await start()).stop();
    await rm(join(dataDir, 'cluster'), { recursive: true });
    await writeFile(join(dataDir, 'cluster.new'), 'half');
    await expect(start()).resolves.toMatchObject({ host: 'localhost' });
  });
});

/** Returns the processes that stop a server when its starter ends, then the starter. */
async function relativesOf(server: number, starter: number | undefined): Promise<readonly number[]> {
  const children = async (pid: number) =>
    (await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8')).trim().split(' ').filter(Boolean).map(Number);
  const shell = (await children(starter ?? 0))[0] ?? 0;
  const watchers = (await children(shell)).filter((pid) => pid !== server);
  return [...watchers, shell, starter ?? 0];
}

describe('a failed start', () => {
  beforeEach(seed);

  test('reports that the port is in use, and leaves no process', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const address = taken.address();
    const port = typeof address === 'object' ? address?.port : undefined;
    await expect(startPostgres({ names: VAULT_DATABASE, dataDir, port })).rejects.toThrow(
      /^expected PostgreSQL to start, got: .*Address already in use/,
    );
    taken.close();
    expect(existsSync(join(dataDir, 'cluster', 'postmaster.pid'))).toBe(false);
  });

  test('reports the wrong setting', async () => {
    await expect(
      startPostgres({ names: VAULT_DATABASE, dataDir, settings: { max_connections: 'many' } }),
    ).rejects.toThrow(/max_connections/);
  });
});

test('a server that ends just before it is told to is stopped', async () => {
  await seed();
  const server = await start();
  const kill = jest.spyOn(process, 'kill').mockImplementationOnce((pid) => {
    kill.mockRestore();
    process.kill(pid, 'SIGKILL');
    throw Object.assign(new Error('kill ESRCH'), { code: 'ESRCH' });
  });

  await expect(server.stop()).resolves.toBeUndefined();
});

test('a server stops when its starter is killed', async () => {
  await seed();
  const starter = spawn(process.execPath, ['--import', 'tsx', join(__dirname, 'starter.ts'), dataDir]);
  const [line] = (await once(starter.stdout, 'data')) as [Buffer];
  starter.kill('SIGKILL');
  for (let tries = 0; isRunning(Number(line)) && tries < 500; tries++) await sleep(20);
  expect(isRunning(Number(line))).toBe(false);
});
