import { StackTemplate, parseTemplate } from '../template';
import { Assets } from '../template/assets';
import { readJson } from '../template/template';
import type { DeployOptions } from './contract';
import type { PhysicalNames } from './physical';
import { placeOf } from './place';

/** Reads a deployment's template after applying `amend` and `amends`. Throws `TemplateError`. */
export function readStack(
  { template: file, codeFolders, amend }: Pick<DeployOptions, 'template' | 'codeFolders' | 'amend'>,
  names: PhysicalNames,
  ...amends: readonly DeployOptions['amend'][]
): StackTemplate {
  const json = readJson(file);
  if (typeof json === 'object' && json !== null) for (const change of [amend, ...amends]) change?.(json);
  const template = parseTemplate(json, file);
  const assets = new Assets(file, codeFolders?.(template));
  return new StackTemplate(template, { ...placeOf(file), physical: names.find }, assets);
}
