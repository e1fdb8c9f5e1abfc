import type { PolicyStatement } from '../../emulator/authorization/document';

/** Returns every statement at any place of a template or policy; references in it may be unresolved. */
export function statementsIn(value: unknown): readonly PolicyStatement[] {
  if (Array.isArray(value)) return value.flatMap(statementsIn);
  if (typeof value !== 'object' || value === null) return [];
  const own = 'Effect' in value && ('Action' in value || 'NotAction' in value) ? [value as PolicyStatement] : [];
  return [...own, ...Object.values(value).flatMap(statementsIn)];
}
