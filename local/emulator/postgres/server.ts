import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { open, readFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Account } from './account';
import type { Binaries } from './binaries';
import { SERVER_ENV } from './cluster';
import type { DataFolder } from './files';
import { acceptsConnections, recordedPid, stopServer } from './running';

const START_MS = 30_000;
/** Another process can take a free port before the server binds it. */
const PORT_TRIES = 3;

export type Settings = Readonly<Record<string, string | number>>;

/** Options of a start with and without IAM logins. */
export interface ServerSetup {
  readonly folder: DataFolder;
  readonly programs: Binaries;
  readonly account: Account | undefined;
  readonly logFile: string;
}

export interface ServerOptions extends ServerSetup {
  /** a free port if undefined */
  readonly port: number | undefined;
  readonly settings: Settings;
}

export interface Server {
  readonly port: number;
  readonly pid: number;
  readonly stop: () => Promise<void>;
}

/** Starts PostgreSQL with a data directory. A failed start leaves no process. */
export async function startServer(options: ServerOptions): Promise<Server> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await startOn(options.port ?? (await freePort()), options);
    } catch (error) {
      const taken = error instanceof Error && error.message.includes('Address already in use');
      if (!taken || options.port !== undefined || attempt === PORT_TRIES) throw error;
    }
  }
}

/**
 * Runs the server under a shell that also watches this process: when it ends, even by a kill, the pipe on descriptor 3
 * closes and the shell stops the server. A terminal's interrupt reaches neither of the two. When the shell has exited,
 * the server and the watcher have too.
 */
const WATCH = `"$@" 3<&- & server=$!
( read -r _ <&3; kill -INT "$server" ) & watcher=$!
wait "$server"; code=$?
kill "$watcher"; wait "$watcher"; exit "$code"`;

async function startOn(port: number, options: ServerOptions): Promise<Server> {
  const { folder, programs, account } = options;
  const log = await open(options.logFile, 'a', 0o600);
  const { size: logStart } = await log.stat();
  try {
    const child = spawn('/bin/sh', ['-c', WATCH, 'sh', programs.postgres, ...serverArguments(port, options)], {
      env: SERVER_ENV,
      cwd: folder.cluster,
      stdio: ['ignore', log.fd, log.fd, 'pipe'],
      detached: true,
      ...(account && { uid: account.uid, gid: account.gid }),
    });
    const ended = once(child, 'exit');
    // the watcher needs only the end of this pipe; ignore errors
    child.stdio[3]?.on('error', () => undefined);
    const pid = await ready(child, folder.cluster, options.logFile, logStart);
    const stop = async () => {
      await stopServer(pid, folder.cluster);
      await ended;
    };
    return { port, pid, stop };
  } finally {
    await log.close();
  }
}

async function ready(child: ChildProcess, cluster: string, logFile: string, logStart: number): Promise<number> {
  for (const end = Date.now() + START_MS; Date.now() < end;) {
    if (child.exitCode !== null || child.signalCode !== null) throw new Error(await failureReason(logFile, logStart));
    const pid = await recordedPid(cluster);
    if (pid !== undefined && (await acceptsConnections(cluster))) return pid;
    await sleep(10);
  }
  child.stdio[3]?.destroy();
  throw new Error(`expected PostgreSQL to start within ${START_MS} ms, got no response; its log is ${logFile}`);
}

/** Returns the server's last errors from its log. They name files and settings, never a value of a row. */
async function failureReason(logFile: string, logStart: number): Promise<string> {
  const lines = (await readFile(logFile)).subarray(logStart).toString().split('\n');
  const errors = lines.filter((line) => /(FATAL|could not bind)/.test(line)).map((line) => line.trim());
  return `expected PostgreSQL to start, got: ${errors.join('; ') || 'no reason'}; its log is ${logFile}`;
}

function serverArguments(port: number, { folder, settings }: ServerOptions): readonly string[] {
  const all: Settings = {
    // only one address: if one of two were in use PostgreSQL would start on the other, and clients reach another server
    listen_addresses: '127.0.0.1',
    port,
    unix_socket_directories: '',
    hba_file: folder.hbaFile,
    ssl: 'on',
    ssl_cert_file: folder.certificateFile,
    ssl_key_file: folder.keyFile,
    ssl_min_protocol_version: 'TLSv1.3',
    password_encryption: 'scram-sha-256',
    // no bound value reaches the log
    log_statement: 'none',
    log_parameter_max_length: 0,
    log_parameter_max_length_on_error: 0,
    log_line_prefix: '%m [%p] %u ',
    log_timezone: 'UTC',
    timezone: 'UTC',
    jit: 'off',
    shared_buffers: '32MB',
    max_connections: 60,
    ...settings,
  };
  return ['-D', folder.cluster, ...Object.entries(all).flatMap(([name, value]) => ['-c', `${name}=${value}`])];
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const address = probe.address();
  probe.close();
  await once(probe, 'close');
  if (address === null || typeof address === 'string') throw new Error('expected a port, got none');
  return address.port;
}
