import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import * as path from 'node:path';
import { isDeepStrictEqual } from 'node:util';

/**
 * Reads and writes the reviewed policies. `base/` has one file for each policy, with `<environment>` and `<generation>`
 * in place of the environment's own texts. `<environment>.json` has these texts and every difference from the base.
 * `SHARE_VAULT_WRITE_POLICIES=1 npx --no-install jest test/lib/policies` writes all of them again; format them with prettier.
 */
const REVIEWED = path.join(__dirname, 'policies');
const BASE = path.join(REVIEWED, 'base');
/** The environment of the base policies: no setting of cdk.json and no default changes them. */
const BASE_ENVIRONMENT = 'staging';

type Policies = Readonly<Record<string, unknown>>;

/** The policies of one environment, by their differences from the base. */
interface EnvironmentPolicies {
  /** 12 hexadecimal digits of its database, which end statement ids */
  readonly generation: string;
  /** Policies of the base that the environment lacks */
  readonly without: readonly string[];
  /** Policies that differ from the base or are not in it, whole */
  readonly changed: Policies;
}

/** Returns every reviewed policy of an environment, with the environment's own texts. */
export function reviewedPolicies(environment: string): Policies {
  const own = readJson(path.join(REVIEWED, `${environment}.json`)) as EnvironmentPolicies;
  const policies = Object.entries({ ...readBase(), ...own.changed }).filter(([name]) => !own.without.includes(name));
  const texts = JSON.stringify(Object.fromEntries(policies))
    .replaceAll('<environment>', environment)
    .replaceAll('<generation>', own.generation);
  return JSON.parse(texts) as Policies;
}

/** Writes the policies of all environments as the reviewed ones. */
export function writeReviewedPolicies(environments: Readonly<Record<string, Policies>>): void {
  const masked = Object.entries(environments).map(([name, policies]) => [name, mask(name, policies)] as const);
  const base = masked.find(([name]) => name === BASE_ENVIRONMENT)?.[1].policies ?? {};
  rmSync(REVIEWED, { recursive: true, force: true });
  mkdirSync(BASE, { recursive: true });
  for (const [name, policy] of Object.entries(base)) writeJson(path.join(BASE, `${name}.json`), policy);
  for (const [name, { generation, policies }] of masked) {
    const changed = Object.entries(policies).filter(([id, policy]) => !isDeepStrictEqual(policy, base[id]));
    const own: EnvironmentPolicies = {
      generation,
      without: Object.keys(base).filter((id) => !(id in policies)),
      changed: Object.fromEntries(changed),
    };
    writeJson(path.join(REVIEWED, `${name}.json`), own);
  }
}

/** Replaces an environment's own texts by their placeholders. */
function mask(environment: string, policies: Policies): { readonly generation: string; readonly policies: Policies } {
  const texts = JSON.stringify(policies);
  const generation = /"AllowLoginAs[A-Za-z]+([0-9a-f]{12})"/.exec(texts)?.[1];
  if (generation === undefined) throw new Error(`expected a statement AllowLoginAs… in ${environment}, got none`);
  const masked = texts
    .replaceAll(generation, '<generation>')
    .replaceAll(new RegExp(`(?<=[Ss]hare-?[Vv]ault[-/]|")${environment}(?=["/-])`, 'g'), '<environment>');
  return { generation, policies: JSON.parse(masked) as Policies };
}

function readBase(): Policies {
  return Object.fromEntries(
    readdirSync(BASE).map((name) => [path.basename(name, '.json'), readJson(path.join(BASE, name))]),
  );
}

function readJson(file: string): unknown {
  return JSON.parse(readFileSync(file, 'utf8'));
}

function writeJson(file: string, value: unknown): void {
  writeFileSync(file, `${JSON.stringify(value, undefined, 2)}\n`);
}
