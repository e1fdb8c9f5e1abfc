import { basename } from 'node:path';
import { Writable } from 'node:stream';
import { type Values, textOf } from '../../client/commands/command';
import { authorizationAvailable } from '../emulator/authorization';
import { SIMULATOR } from '../emulator/authorization/simulator';
import { Report } from '../demo/report';
import type { Step } from '../emulator/deploy';
import type { VaultOptions } from '../vault';
import { type OptionNames, preflight } from '../vault/preflight';
import { readPort, resolvePath } from './options';
import { readSource } from './source';

const NAMES: OptionNames = { port: '--port', webhookPort: '--webhook-port', dataDir: '--data' };

/** Prefix of every line if policies are not evaluated. */
const NO_AUTHORIZATION_PREFIX = 'no authorization │ ';

/** The options of `start` and `serve`, and their output. */
export interface Deployment {
  readonly options: VaultOptions & { readonly authorization: boolean; readonly step: Step };
  /** lists each skipped resource by name */
  readonly verbose: boolean;
  readonly out: NodeJS.WritableStream;
  readonly report: Report;
}

export interface ReportChoices {
  /** @default - standard output */
  readonly reportTo?: NodeJS.WritableStream | undefined;
  /** width of the column of a step's result @default - that of the demo's texts */
  readonly textWidth?: number | undefined;
}

/**
 * Reads a command's options, checks them, and starts its report. Throws if policies apply but nothing can evaluate them.
 */
export async function readDeployment(
  values: Values,
  { reportTo = process.stdout, textWidth }: ReportChoices = {},
): Promise<Deployment> {
  const data = textOf(values, 'data');
  const authorization = values['no-authorization'] !== true;
  const source = readSource(values);
  const ports = {
    port: readPort('--port', textOf(values, 'port')),
    webhookPort: readPort('--webhook-port', textOf(values, 'webhook-port')),
  };
  const dataDir = data === undefined ? undefined : resolvePath(data);
  await requireSimulator(authorization);
  await preflight({ ...ports, dataDir }, NAMES);
  const out = authorization ? reportTo : withPrefix(NO_AUTHORIZATION_PREFIX, reportTo);
  const report = new Report(out, textWidth);
  report.heading(`${basename(source.app ?? source.template ?? '')} on this machine`);
  const options = {
    ...{ ...source, ...ports, authorization },
    dataDir,
    trace: values.trace === true ? (line: string) => void out.write(`${line}\n`) : undefined,
    step: ((label, action, describe) => report.step(label, action, describe)) satisfies Step,
  };
  return { options, verbose: values.verbose === true, out, report };
}

/** Throws if the policy simulator is missing, so that unevaluated policies never look enforced. */
async function requireSimulator(authorization: boolean): Promise<void> {
  if (!authorization || (await authorizationAvailable())) return;
  const how = `install it (npm install --save-dev ${SIMULATOR}) or use --no-authorization`;
  throw new Error(`expected the package ${SIMULATOR} to evaluate policies, got none: ${how}`);
}

/** Writes complete lines, each after a prefix. Empty lines get it too, so that no line is read without it. */
function withPrefix(prefix: string, out: NodeJS.WritableStream): Writable {
  return new Writable({
    write: (chunk: Buffer, _, done) => {
      const text = chunk.toString();
      const lines = text.endsWith('\n') ? text.slice(0, -1).split('\n') : text.split('\n');
      // omits the error: the listeners of `out` handle it
      out.write(lines.map((line) => `${prefix}${line}\n`).join(''), () => done());
    },
  });
}
