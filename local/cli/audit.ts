import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import * as v from 'valibot';
import { UsageError, type Values, textOf } from '../../client/commands/command';
import { EXIT } from '../../client/commands/exit-codes';
import { CONTROL_DOCUMENTS, readAll } from '../audit/matrix/control-policies';
import { environmentsOf } from '../audit/matrix/template-matrix';
import {
  type AuditedStack,
  type Report,
  REPORT,
  createReport,
  pageOf,
  readAuditedStacks,
  sha256,
} from '../audit/report';
import { requireSimulator } from '../emulator/authorization';
import { simulatorVersion } from '../emulator/authorization/simulator-version';
import { escaped } from '../emulator/authorization/terminal';
import { PhysicalNames } from '../emulator/deploy/physical';
import { readStack } from '../emulator/deploy/read';
import { isAssembly } from '../emulator/template';
import { name as program, version } from '../package.json';
import { vaultOptions } from '../vault/options';
import { summaryOf } from './audit-summary';
import { resolvePath, throwUsageError } from './options';
import { type Source, readSource } from './source';
import { didYouMean } from './suggestions';

/**
 * Runs `audit`: writes a report on the vaults of an app. Returns 0 if every control holds, and 1 if one fails or a
 * template has what the allow-list does not. Throws a `UsageError` if the report can't be made, so that no script takes
 * that for a result.
 */
export async function audit(values: Values, args: readonly string[]): Promise<number> {
  if (args.length > 0) throw new UsageError('expected only options after audit, got something else');
  if (values.app === undefined && values.template === undefined)
    throw new UsageError('expected --app DIR or --template FILE, got neither');
  const report = await reportOf(values).catch(throwUsageError);
  const [page, json] = [textOf(values, 'html'), textOf(values, 'json')];
  if (page !== undefined) write('html', join(resolvePath(page), 'index.html'), pageOf(report));
  if (json !== undefined) write('json', resolvePath(json), `${JSON.stringify(report, undefined, 1)}\n`);
  process.stdout.write(`${summaryOf(report).map(escaped).join('\n')}\n`);
  return report.verdict === 'holds' ? EXIT.done : EXIT.failed;
}

async function reportOf(values: Values): Promise<Report> {
  const source = readSource(values);
  const audited = readAuditedStacks(source);
  await requireSimulator();
  const linked = readStack(vaultOptions(source), new PhysicalNames());
  const environment = chooseEnvironment(environmentsOf(linked), textOf(values, 'environment'));
  const controlPolicies = readControlPolicies(values);
  const against = readFormerReport(textOf(values, 'against'));
  return createReport({
    audited,
    linked,
    environment,
    control: readAll(controlPolicies.documents),
    former: formerStacks(textOf(values, 'former')),
    against: against?.report,
    madeFrom: {
      ...timeOf(values),
      program: { name: program, version },
      packages: [simulatorVersion()],
      templates: audited.stacks.map(({ name: stack, file, sha256: hash, template }) => {
        return { stack, file, sha256: hash, resources: Object.keys(template.Resources).length };
      }),
      controlPolicies: { sample: controlPolicies.sample, files: controlPolicies.files },
      ...(against && { against: against.madeFrom }),
    },
  });
}

function chooseEnvironment(environments: readonly string[], named: string | undefined): string | undefined {
  if (environments.length === 0) throw new UsageError('expected an app with a vault, got one without');
  if (named === undefined || environments.includes(named)) return named;
  throw new UsageError(`expected an environment of the app, got ${named}${didYouMean(named, environments)}`);
}

/** A time that the caller gives is copied: a clock would make every report differ. */
function timeOf(values: Values): { time?: string } {
  const time = textOf(values, 'time');
  if (time === undefined) return {};
  if (Number.isNaN(Date.parse(time))) throw new UsageError('expected a time such as 2030-01-31T12:00:00Z after --time, got something else'); // prettier-ignore
  return { time };
}

interface ControlDocuments {
  readonly documents: Readonly<Record<string, object>>;
  readonly sample: boolean;
  readonly files: { file: string; sha256: string }[];
}

/** Reads the service control policies of `--scp`; without the option, the samples of this release. */
function readControlPolicies({ scp }: Values): ControlDocuments {
  if (typeof scp !== 'object' || scp.length === 0) {
    const files = Object.entries(CONTROL_DOCUMENTS).map(([file, document]) => ({ file, sha256: sha256(JSON.stringify(document)) })); // prettier-ignore
    return { documents: CONTROL_DOCUMENTS, sample: true, files };
  }
  const read = scp.map((path) => ({ file: basename(path), ...readJsonFile('scp', path) }));
  const documents = Object.fromEntries(read.map(({ file, value }) => [file, value as object]));
  return { documents, sample: false, files: read.map(({ file, hash }) => ({ file, sha256: hash })) };
}

function readFormerReport(path: string | undefined) {
  if (path === undefined) return undefined;
  const { value, hash } = readJsonFile('against', path);
  const read = v.safeParse(REPORT, value);
  if (!read.success) throw new UsageError('expected a report of this release after --against, got something else');
  const { time } = read.output.madeFrom;
  return { report: read.output, madeFrom: { sha256: hash, ...(time !== undefined && { time }) } };
}

/** Reads the templates that are deployed now, by the stack's name. */
function formerStacks(path: string | undefined): ReadonlyMap<string, AuditedStack> {
  if (path === undefined) return new Map();
  const file = resolvePath(path);
  const source: Source = isAssembly(file) ? { app: file } : { template: file };
  return new Map(readAuditedStacks(source).stacks.map((stack) => [stack.name, stack]));
}

function readJsonFile(option: string, path: string): { readonly value: unknown; readonly hash: string } {
  try {
    const bytes = readFileSync(resolvePath(path));
    return { value: JSON.parse(bytes.toString('utf8')) as unknown, hash: sha256(bytes) };
  } catch {
    throw new UsageError(`expected a JSON file after --${option}, got none at ${path}`);
  }
}

function write(option: string, file: string, content: string): void {
  try {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, content);
  } catch (cause) {
    throw new UsageError(`expected a file that can be written after --${option}, got ${file}`, { cause });
  }
}
