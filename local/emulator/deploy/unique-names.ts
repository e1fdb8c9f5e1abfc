import { TemplateError } from '../template';
import { tryResolve } from '../template/try-resolve';
import type { LinkedSource } from './read';

/** Types whose names exist once in an account and region, or once in an account. */
const TYPES: ReadonlySet<string> = new Set([
  'AWS::IAM::ManagedPolicy',
  'AWS::IAM::Role',
  'AWS::KMS::Alias',
  'AWS::Lambda::Function',
  'AWS::SSM::Parameter',
  'AWS::SecretsManager::Secret',
]);

/**
 * Throws `TemplateError` if two resources of a type have the same name, as CloudFormation refuses the second one. Here,
 * one of them would silently replace the other, and both would have the policies of both.
 */
export function requireUniqueNames({ template, stacks }: Pick<LinkedSource, 'template' | 'stacks'>): void {
  const { resolver } = template;
  const { file, Resources } = resolver.template;
  const ids = Object.keys(Resources).filter((id) => tryResolve(() => resolver.exists(id)) === true);
  const named = ids.flatMap((id) => {
    const { Type: type = '' } = Resources[id] ?? {};
    const name = TYPES.has(type) ? nameOf(id, type) : undefined;
    return name === undefined ? [] : [{ id, type, name }];
  });
  for (const [, group] of Map.groupBy(named, ({ type, name }) => `${type} ${name}`)) {
    const [{ type, name } = { type: '', name: '' }, ...others] = group;
    if (others.length === 0) continue;
    const choice = stacks === undefined ? '' : ': choose with --stack NAME';
    throw new TemplateError(
      `${file}: expected each name of ${type} once, got ${name} for ${group.map(({ id }) => id).join(', ')}${choice}`,
    );
  }

  /** Returns a resource's name; undefined if it can't be resolved: its reader reports that. */
  function nameOf(id: string, type: string): string | undefined {
    // the reference of a secret is its ARN, whose suffix differs
    if (type !== 'AWS::SecretsManager::Secret') return tryResolve(() => resolver.name(id));
    const name = tryResolve(() => resolver.property(id, 'Name'));
    return typeof name === 'string' ? name : undefined;
  }
}
