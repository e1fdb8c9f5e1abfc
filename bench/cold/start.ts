import { spawn } from 'node:child_process';
import { join } from 'node:path';
import type { Quota } from './quota';

/** Times of a fresh process in milliseconds, with its processor time in each part. */
export interface Start {
  /** from the process's start to the script's first line */
  readonly bootMs: number;
  readonly bootCpuMs: number;
  readonly loadMs: number;
  readonly loadCpuMs: number;
  /** of the first call, with its logins and connections; 0 without a call */
  readonly callMs: number;
  readonly callCpuMs: number;
}

/** A call of a function: its variables and credentials, the ARN of the alias, the event. */
export interface FirstCall {
  readonly env: Readonly<Record<string, string>>;
  readonly arn: string;
  readonly event: object;
}

export interface StartOptions {
  readonly quota?: Quota;
  readonly call?: FirstCall;
  /** folder of V8's compile cache @default - none */
  readonly compileCache?: string;
  /** of Node @default - none */
  readonly execArgv?: readonly string[];
}

/** Variables of this process that another one needs; the function's own decide all else. */
const KEPT = ['PATH', 'HOME', 'TMPDIR'];
/** Joins the quota's groups, and then becomes Node, whose start is measured with it. */
const JOIN = 'while [ "$1" != -- ]; do echo $$ > "$1"; shift; done; shift; exec "$@"';

/** Loads a bundle in a fresh process, and calls it once if there is a call. */
export async function startBundle(file: string, options: StartOptions = {}): Promise<Start> {
  const { quota, call, compileCache, execArgv = [] } = options;
  const script = join(__dirname, 'start-process.mjs');
  const args = [script, file, ...(call === undefined ? [] : [call.arn, JSON.stringify(call.event)])];
  const command = [...(quota?.joins ?? []), '--', process.execPath, ...execArgv, ...args];
  const child = spawn('/bin/sh', ['-c', JOIN, 'join', ...command], {
    env: {
      ...Object.fromEntries(KEPT.map((name) => [name, process.env[name]])),
      ...call?.env,
      ...(compileCache !== undefined && { NODE_COMPILE_CACHE: compileCache }),
    },
    // a handler logs a line a call
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const exited = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const result = new Promise<Start>((resolve, reject) => {
    child.once('message', (message) => resolve(message as Start));
    child.once('error', reject);
    child.once('close', (code) => reject(new Error(`expected the times of ${file}, got exit ${code}`)));
  });
  return await result.finally(() => exited);
}
