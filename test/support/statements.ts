import type { Template } from 'aws-cdk-lib/assertions';
import { plain } from '../../local/audit/plain';

/** A policy statement of a template, its references written out. */
export interface Statement {
  readonly Sid?: string;
  readonly Effect: 'Allow' | 'Deny';
  readonly Action: string | readonly string[];
  readonly Principal?: unknown;
  readonly Resource?: unknown;
  readonly NotResource?: unknown;
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

const DOCUMENTS = ['KeyPolicy', 'PolicyDocument', 'AccessPolicy'];

/** Returns all statements of the resources of a type with this prefix in their logical id. */
export function statementsOf(template: Template, type: string, prefix = ''): readonly Statement[] {
  return Object.entries(template.findResources(type))
    .filter(([id]) => id.startsWith(prefix))
    .flatMap(([, resource]) => {
      const properties = (resource as { readonly Properties: Record<string, { readonly Statement: Statement[] }> })
        .Properties;
      return DOCUMENTS.flatMap((name) => properties[name]?.Statement ?? []);
    })
    .map((statement) => plain(statement) as Statement);
}

export function actionsOf(statement: Statement): readonly string[] {
  return typeof statement.Action === 'string' ? [statement.Action] : statement.Action;
}

/** Returns the statements that allow an action, also by wildcards. */
export function allowing(statements: readonly Statement[], action: string): readonly Statement[] {
  return statements.filter(
    (statement) => statement.Effect === 'Allow' && actionsOf(statement).some((pattern) => matches(pattern, action)),
  );
}

function matches(pattern: string, action: string): boolean {
  return new RegExp(`^${pattern.replaceAll('*', '.*')}$`).test(action);
}
