import { readFileSync } from 'node:fs';

/** CloudFormation's quotas of one template. */
export const QUOTAS = {
  resources: 500,
  /** bytes of a template in S3, as the CDK deploys it */
  bytes: 1_000_000,
  /** bytes of a template that is part of the request */
  directBytes: 51_200,
} as const;

export interface TemplateSize {
  readonly resources: number;
  /** of the file, as the CDK indents it */
  readonly bytes: number;
  /** without white space */
  readonly compactBytes: number;
  /** logical ids by type of resource */
  readonly types: Readonly<Record<string, number>>;
}

interface Template {
  readonly Resources: Readonly<Record<string, { readonly Type: string }>>;
}

/** Returns the size of a synthesized template. */
export function templateSize(file: string): TemplateSize {
  const text = readFileSync(file, 'utf8');
  const template = JSON.parse(text) as Template;
  const types: Record<string, number> = {};
  for (const { Type } of Object.values(template.Resources)) types[Type] = (types[Type] ?? 0) + 1;
  return {
    resources: Object.keys(template.Resources).length,
    bytes: Buffer.byteLength(text),
    compactBytes: Buffer.byteLength(JSON.stringify(template)),
    types,
  };
}
