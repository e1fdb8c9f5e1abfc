import type { Condition, Context, PolicyDocument, PolicyStatement } from './document';
import { listOf } from './document';
import { AuthorizationError } from './errors';

/**
 * The simulator ignores `kms:EncryptionContext:X` as an unknown key: its catalogue writes the key with a colon, but it
 * looks for a slash. A deny by an ignored key proves nothing. A request tag is compared in the same way, as text, so it
 * replaces the key in the request, in policies and in variables. Only this file knows the replacement.
 */
const ORIGINAL = /^kms:EncryptionContext:/i;
const REPLACEMENT = /^aws:RequestTag\/kmsec\./i;
/** Matches the actions that have an encryption context. */
const HAS_ENCRYPTION_CONTEXT = /^kms:((Create|Retire)Grant|Decrypt|Encrypt|GenerateDataKey\w*|ReEncrypt(From|To))$/i;
const VARIABLE = /\$\{([^},]*)/g;

/** Returns a condition key in the simulator's spelling. Throws `RequestInvalid` if it already has this spelling. */
export function spell(key: string): string {
  if (REPLACEMENT.test(key)) {
    throw new AuthorizationError('RequestInvalid', 'expected a condition key without the prefix aws:RequestTag/kmsec.');
  }
  return key.replace(ORIGINAL, 'aws:RequestTag/kmsec.');
}

/** Returns a condition key of the simulator's result in the policy's spelling. */
export function unspell(key: string): string {
  return key.replace(REPLACEMENT, 'kms:EncryptionContext:');
}

/**
 * Returns a request's context in the simulator's spelling. Throws `RequestInvalid` if the action can't have an
 * encryption context: the simulator would accept the tag for any action.
 */
export function spellContext(action: string, context: Context): Record<string, string | string[]> {
  if (!HAS_ENCRYPTION_CONTEXT.test(action) && Object.keys(context).some((key) => ORIGINAL.test(key))) {
    throw new AuthorizationError('RequestInvalid', `${action}: expected no encryption context, got one`);
  }
  return Object.fromEntries(
    Object.entries(context).map(([key, value]) => [spell(key), typeof value === 'string' ? value : [...value]]),
  );
}

export function spellDocument(document: PolicyDocument): PolicyDocument {
  return { ...document, Statement: document.Statement.map(spellStatement) };
}

/** Also replaces the principal `{ AWS: '*' }` by `'*'`: the simulator accepts only the latter in endpoint policies. */
export function spellEndpoint(document: PolicyDocument): PolicyDocument {
  const spelled = spellDocument(document);
  const everyone = JSON.stringify({ AWS: '*' });
  return {
    ...spelled,
    Statement: spelled.Statement.map((statement) =>
      JSON.stringify(statement.Principal) === everyone ? { ...statement, Principal: '*' } : statement,
    ),
  };
}

function spellStatement(statement: PolicyStatement): PolicyStatement {
  return {
    ...statement,
    ...(statement.Resource !== undefined && { Resource: listOf(statement.Resource).map(spellVariables) }),
    ...(statement.NotResource !== undefined && { NotResource: listOf(statement.NotResource).map(spellVariables) }),
    ...(statement.Condition && { Condition: spellCondition(statement.Condition) }),
  };
}

function spellCondition(condition: Condition): Condition {
  return Object.fromEntries(
    Object.entries(condition).map(([operator, keys]) => [
      operator,
      Object.fromEntries(Object.entries(keys).map(([key, value]) => [spell(key), listOf(value).map(spellVariables)])),
    ]),
  );
}

function spellVariables(text: string): string {
  return text.replace(VARIABLE, (_, key: string) => `\${${spell(key.trim())}`);
}
