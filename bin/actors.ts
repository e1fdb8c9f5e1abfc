import { MaterialKind } from '../lib/material-kind';
import { Operation } from '../lib/operation';
import { PATTERNS } from '../lib/private/patterns';
import { Fields } from './fields';

/** An actor of an environment: its kinds, its operations, and the other accounts that may use it. */
export interface ActorConfig {
  readonly name: string;
  readonly kinds: MaterialKind[];
  readonly operations: Operation[];
  readonly accounts: string[];
}

const KINDS: Readonly<Record<string, MaterialKind>> = Object.fromEntries(
  Object.values(MaterialKind).map((kind) => [kind, kind]),
);
const OPERATIONS = Object.fromEntries(Object.values(Operation).map((operation) => [operation, operation]));

/** Reads `actors` of one environment: `{ name: { kinds, operations, accounts } }`. */
export function readActors(environment: Fields, problems: string[]): readonly ActorConfig[] {
  const actors = new Fields('actors', environment.take('actors') ?? {}, problems);
  return actors.entries().map(([name, value]) => {
    const { pattern } = PATTERNS.actor;
    if (!pattern.test(name)) problems.push(`actors: expected names like ${pattern.source}, got "${name}"`);
    const fields = new Fields(`actors.${name}`, value, problems);
    const actor = {
      name,
      kinds: fields.manyOf('kinds', KINDS),
      operations: fields.manyOf('operations', OPERATIONS),
      accounts: fields.texts('accounts', PATTERNS.account) ?? [],
    };
    fields.refuseOthers();
    return actor;
  });
}
