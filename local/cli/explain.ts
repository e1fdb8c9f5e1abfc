import { existsSync } from 'node:fs';
import { UsageError, type Values, textOf } from '../../client/commands/command';
import { type TemplatePolicies, templatePolicies } from '../emulator/deploy';
import { vaultOptions } from '../vault/options';
import { DECISION_FORMATS, type NamedDecision } from './decision-formats';
import { formatOf } from './format';
import { resolvePath, throwUsageError, withUsageErrors } from './options';
import { ADMINISTRATOR } from '../vault/profile-names';
import { adviceOn } from './suggestions';
import { readSource } from './source';

/** A call to decide on, by any principal. */
interface Call {
  readonly action: string;
  readonly resource: string;
  readonly context: Readonly<Record<string, string>>;
}

/**
 * Runs `explain ROLE ACTION RESOURCE`: prints the decision of a template's policies on a call. Returns 0 if the call is
 * allowed and 1 if it is denied. With `--all` it prints a decision for each principal, and returns 0. Throws a
 * `UsageError` if there is no decision, so that no script mistakes it for a denial.
 */
export async function explain(values: Values, args: readonly string[]): Promise<number> {
  const all = values.all === true;
  const [principal, action, resource, ...more] = all ? [undefined, ...args] : args;
  if ((principal === undefined && !all) || action === undefined || resource === undefined || more.length > 0) {
    const wanted = all ? 'ACTION RESOURCE after explain --all' : 'ROLE ACTION RESOURCE after explain';
    throw new UsageError(`expected ${wanted}, got ${args.length} arguments`);
  }
  const format = DECISION_FORMATS[formatOf(values)];
  const context = readContext(Array.isArray(values.context) ? values.context : []);
  const policies = withUsageErrors(() => templatePolicies(vaultOptions({ ...readSource(values), ...dataOf(values) })));
  const call = { action, resource, context };
  if (principal === undefined) {
    process.stdout.write(format.all(await decideAll(policies, call)));
    return 0;
  }
  const decision = await decide(policies, principal, call);
  process.stdout.write(format.one({ principal, decision }));
  return decision.allowed ? 0 : 1;
}

/** Decides on a call by each role of a template, the administrator and the root user. */
function decideAll(policies: TemplatePolicies, call: Call): Promise<readonly NamedDecision[]> {
  const roles = policies.template.roles().map(({ logicalId }) => logicalId);
  return Promise.all(
    [...roles, ADMINISTRATOR, 'root'].map(async (principal) => {
      return { principal, decision: await decide(policies, principal, call) };
    }),
  );
}

function decide(policies: TemplatePolicies, principal: string, call: Call): Promise<NamedDecision['decision']> {
  return policies.decide({ principal, ...call }).catch((error: unknown) => {
    const advice = adviceOn(policies.template, { principal, ...call });
    if (advice === '' || !(error instanceof Error)) return throwUsageError(error);
    throw new UsageError(`${error.message}${advice}`);
  });
}

/** Returns the folder of `--data`. */
function dataOf(values: Values): { readonly dataDir: string | undefined } {
  const data = textOf(values, 'data');
  const dataDir = data === undefined ? undefined : resolvePath(data);
  if (dataDir === undefined || existsSync(dataDir)) return { dataDir };
  throw new UsageError(`expected a data folder after --data, got none in ${dataDir}`);
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
