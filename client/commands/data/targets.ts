import { resolve } from 'node:path';
import type { MaterialName } from '../../../lambda/contract/kinds';
import { UsageError, type Values, textOf } from '../command';
import { MATERIAL_NAMES, MATERIAL_OPTIONS } from './options';

/** A material and the option that names its file. */
export interface Target {
  readonly name: MaterialName;
  readonly option: string;
  readonly path: string;
}

/** Returns the targets of the options that are named for a material. */
export function namedTargets(values: Values): readonly Target[] {
  return MATERIAL_NAMES.flatMap((name): Target[] => {
    const path = textOf(values, MATERIAL_OPTIONS[name]);
    return path === undefined ? [] : [{ name, option: MATERIAL_OPTIONS[name], path }];
  });
}

/** Throws if two targets are one file: with --force the second material would replace the first. */
export function distinct(targets: readonly Target[]): readonly Target[] {
  const paths = targets.map(({ path }) => resolve(path));
  const again = targets.find((_target, i) => paths.indexOf(paths[i] ?? '') < i);
  if (again === undefined) return targets;
  throw new UsageError(`--${again.option}: expected a file of its own, got one of another option`);
}
