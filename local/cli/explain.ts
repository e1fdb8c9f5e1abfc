import { existsSync } from 'node:fs';
import { UsageError, type Values, textOf } from '../../client/commands/command';
import { explain as explanationOf } from '../emulator/authorization';
import { explainTemplate } from '../emulator/deploy/explain';
import { vaultOptions } from '../vault/options';
import { resolvePath, throwUsageError } from './options';
import { readSource } from './source';

/**
 * Runs `explain ROLE ACTION RESOURCE`: prints the decision of a template's policies on a call. Returns 0 if the call is
 * allowed and 1 if it is denied. Throws a `UsageError` if there is no decision, so that no script mistakes it for a denial.
 */
export async function explain(values: Values, args: readonly string[]): Promise<number> {
  const [principal, action, resource, ...more] = args;
  if (principal === undefined || action === undefined || resource === undefined || more.length > 0) {
    throw new UsageError(`expected ROLE ACTION RESOURCE after explain, got ${args.length} arguments`);
  }
  const data = textOf(values, 'data');
  const of = {
    ...readSource(values),
    dataDir: data === undefined ? undefined : resolvePath(data),
  };
  if (of.dataDir !== undefined && !existsSync(of.dataDir)) {
    throw new UsageError(`expected a data folder after --data, got none in ${of.dataDir}`);
  }
  const context = readContext(Array.isArray(values.context) ? values.context : []);
  const decision = await explainTemplate(vaultOptions(of), { principal, action, resource, context }).catch(
    throwUsageError,
  );
  process.stdout.write(`${explanationOf(decision).join('\n')}\n`);
  return decision.allowed ? 0 : 1;
}

/** Reads pairs of the form `KEY=VALUE`. Throws if a key occurs twice. */
function readContext(texts: readonly string[]): Readonly<Record<string, string>> {
  const pairs = texts.map((text) => /^(?<key>[^=]+)=(?<value>.*)$/s.exec(text)?.groups ?? {});
  const context = new Map<string, string>();
  for (const { key, value } of pairs) {
    if (key === undefined || value === undefined) throw new UsageError('expected KEY=VALUE after --context');
    if (context.has(key)) throw new UsageError(`expected each --context once, got ${key} twice`);
    context.set(key, value);
  }
  return Object.fromEntries(context);
}
