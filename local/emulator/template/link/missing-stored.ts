import { isStored } from '../parameters';
import type { Resolver } from '../resolver';
import { tryResolve } from '../try-resolve';
import { mentionsIn } from './mentions';

/** A name in Parameter Store without a value, and the resources that use it. */
export interface MissingStored {
  readonly name: string;
  readonly logicalIds: readonly string[];
}

/** Returns the missing names in Parameter Store that resources of these types use, in the template's order. */
export function missingStored(resolver: Resolver, types: ReadonlySet<string>): readonly MissingStored[] {
  const { Resources, Parameters } = resolver.template;
  const used = Object.entries(Resources)
    .filter(([id, { Type }]) => types.has(Type) && tryResolve(() => resolver.exists(id)) === true)
    .flatMap(([id, { Properties }]) => {
      const { names, uses } = mentionsIn(Properties, ['Resources', id, 'Properties']);
      const parameters = [...names].filter((name) => isStored(Parameters[name]?.Type ?? ''));
      const given = parameters.flatMap((name) => tryResolve(() => resolver.given(name)) ?? []);
      const direct = uses.flatMap(({ kind, argument }) => (kind === 'stored' ? [String(argument)] : []));
      return [...new Set([...given, ...direct])].map((name) => ({ name, id }));
    })
    .filter(({ name }) => tryResolve(() => resolver.stored(name) ?? '') === '');
  return [...Map.groupBy(used, ({ name }) => name)].map(([name, all]) => ({
    name,
    logicalIds: all.map(({ id }) => id),
  }));
}
