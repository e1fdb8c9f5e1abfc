import { basename } from 'node:path';
import { UsageError, type Values, textOf } from '../../client/commands/command';
import { EXIT } from '../../client/commands/exit-codes';
import { CSV_COLUMNS, csvRows, recordOf } from '../audit/matrix/records';
import { tableOf } from '../audit/matrix/table';
import { type TemplateMatrix, environmentsOf, matrixOf } from '../audit/matrix/template-matrix';
import { requireSimulator } from '../emulator/authorization';
import { escaped } from '../emulator/authorization/terminal';
import { PhysicalNames } from '../emulator/deploy/physical';
import { readStack } from '../emulator/deploy/read';
import { vaultOptions } from '../vault/options';
import { csv } from './csv';
import { withUsageErrors } from './options';
import { formatOf } from './format';
import { didYouMean } from './suggestions';
import { readSource } from './source';

/** Runs `matrix`: prints which principal of a template may send which request to its vault. */
export async function matrix(values: Values, args: readonly string[]): Promise<number> {
  if (args.length > 0) throw new UsageError('expected only options after matrix, got something else');
  const format = formatOf(values);
  const source = readSource(values);
  const all = values.all === true;
  const template = withUsageErrors(() => readStack(vaultOptions(source), new PhysicalNames()));
  const environments = chooseVaults(environmentsOf(template), textOf(values, 'environment'), all);
  await requireSimulator();
  const matrices = await Promise.all(environments.map((environment) => matrixOf(template, environment)));
  process.stdout.write(FORMATS[format](matrices, all, basename(source.template ?? source.app ?? '')));
  return EXIT.done;
}

/** Returns the one vault of a template, the one that was named, or with `all` every one. */
function chooseVaults(environments: readonly string[], named: string | undefined, all: boolean): readonly string[] {
  if (environments.length === 0) throw new UsageError('expected a template with a vault, got one without');
  if (named !== undefined) {
    if (environments.includes(named)) return [named];
    throw new UsageError(`expected an environment of the template, got ${named}${didYouMean(named, environments)}`);
  }
  if (environments.length === 1 || all) return environments;
  throw new UsageError(`expected --environment with one of ${environments.join(', ')}, or --all, got neither`);
}

const FORMATS = {
  text: (matrices: readonly TemplateMatrix[], all: boolean): string => {
    const options = { all, width: process.stdout.columns as number | undefined };
    return `${matrices.map((each) => tableOf(each, options).map(escaped).join('\n')).join('\n\n')}\n`;
  },
  csv: (matrices: readonly TemplateMatrix[], all: boolean): string => {
    return csv([CSV_COLUMNS, ...matrices.flatMap((each) => csvRows(each, all))]);
  },
  json: (matrices: readonly TemplateMatrix[], all: boolean, template: string): string => {
    return `${JSON.stringify({ template, vaults: matrices.map((each) => recordOf(each, all)) }, undefined, 2)}\n`;
  },
} as const;
