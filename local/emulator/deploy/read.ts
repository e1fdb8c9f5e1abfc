import { VaultTemplate, parseTemplate } from '../template';
import { readJson } from '../template/template';
import { BundledAssets } from './bundled-assets';
import type { DeployOptions } from './contract';
import type { PhysicalNames } from './physical';
import { placeOf } from './place';

/** Reads the template of a deployment, changed by each of `amends` before. Throws `TemplateError`. */
export function readVault(
  { template: file, bundles, amend }: DeployOptions,
  names: PhysicalNames,
  ...amends: readonly DeployOptions['amend'][]
): VaultTemplate {
  const json = readJson(file);
  if (typeof json === 'object' && json !== null) for (const change of [amend, ...amends]) change?.(json);
  const template = parseTemplate(json, file);
  return new VaultTemplate(template, { ...placeOf(file), physical: names.find }, new BundledAssets(template, bundles));
}
