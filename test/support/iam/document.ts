import { type PolicyDocument, type PolicyStatement, VERSION } from '../../../local/authorization/document';

export {
  type Condition,
  type Context,
  type PolicyDocument,
  type PolicyStatement,
  VERSION,
  listOf,
} from '../../../local/authorization/document';

/** What an administrator has. */
export const EVERYTHING: PolicyDocument = {
  Version: VERSION,
  Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }],
};

/** Reads what a template holds under a policy property; throws on anything that is no policy. */
export function readDocument(value: unknown, where: string): PolicyDocument {
  if (typeof value !== 'object' || value === null || !('Statement' in value) || !Array.isArray(value.Statement)) {
    throw new Error(`${where}: expected a policy with a list of statements, got ${JSON.stringify(value)}`);
  }
  for (const statement of value.Statement as readonly unknown[]) {
    const effect = typeof statement === 'object' && statement !== null && 'Effect' in statement && statement.Effect;
    if (effect !== 'Allow' && effect !== 'Deny') {
      throw new Error(`${where}: expected statements that allow or deny, got ${JSON.stringify(statement)}`);
    }
  }
  return { Version: VERSION, Statement: value.Statement as readonly PolicyStatement[] };
}
