import type { TemplateJson } from '../../../../../local/audit/lifecycle';

type Json = Readonly<Record<string, unknown>>;

export type Resources = Readonly<Record<string, Json>>;

/** An update, and the findings of a rule in it. */
export interface Update {
  readonly what: string;
  readonly before: Resources;
  readonly after: Resources;
  readonly problem?: string;
}

/** A template of the given resources. */
export function template(resources: Resources): TemplateJson {
  return { Resources: resources };
}

/** A resource that is deleted with its stack, unless `more` says otherwise. */
export function resource(Type: string, Properties: Json = {}, more: Json = {}): Json {
  return { Type, Properties, ...more };
}

export const RETAINED = { DeletionPolicy: 'RetainExceptOnCreate', UpdateReplacePolicy: 'Retain' } as const;

export const ref = (id: string): Json => ({ Ref: id });
export const getAtt = (id: string, attribute: string): Json => ({ 'Fn::GetAtt': [id, attribute] });
export const join = (...parts: readonly unknown[]): Json => ({ 'Fn::Join': ['', parts] });
