import type { Condition, Context, PolicyDocument, PolicyStatement } from './document';
import { listOf } from './document';
import { AuthorizationError } from './errors';

/**
 * The simulator takes `kms:EncryptionContext:X` for unknown, since its catalogue has the key with a colon where it
 * looks for a slash: it drops the key, and a deny by a dropped key proves nothing. A request tag is compared in the
 * same way, text against text, so it stands in on both sides, and in variables too. This file alone knows of it.
 */
const REAL = /^kms:EncryptionContext:/i;
const STAND_IN = /^aws:RequestTag\/kmsec\./i;
/** The actions whose requests have an encryption context. */
const TAKES_PAIRS = /^kms:((Create|Retire)Grant|Decrypt|Encrypt|GenerateDataKey\w*|ReEncrypt(From|To))$/i;
const VARIABLE = /\$\{([^},]*)/g;

/** A condition key as the simulator reads it. Throws `RequestInvalid` on a key that is a stand-in already. */
export function spell(key: string): string {
  if (STAND_IN.test(key)) {
    throw new AuthorizationError('RequestInvalid', 'expected a tag that is no stand-in for an encryption context');
  }
  return key.replace(REAL, 'aws:RequestTag/kmsec.');
}

/** A condition key of the simulator's answer, as the policy has it. */
export function unspell(key: string): string {
  return key.replace(STAND_IN, 'kms:EncryptionContext:');
}

/**
 * A request's context as the simulator reads it. A tag it takes with any action, so what can't have pairs is refused
 * here: throws `RequestInvalid`.
 */
export function spellContext(action: string, context: Context): Record<string, string | string[]> {
  if (!TAKES_PAIRS.test(action) && Object.keys(context).some((key) => REAL.test(key))) {
    throw new AuthorizationError('RequestInvalid', `${action}: expected no encryption context, got one`);
  }
  return Object.fromEntries(
    Object.entries(context).map(([key, value]) => [spell(key), typeof value === 'string' ? value : [...value]]),
  );
}

export function spellDocument(document: PolicyDocument): PolicyDocument {
  return { ...document, Statement: document.Statement.map(spellStatement) };
}

/** The two spellings of everyone are one to AWS; the simulator's check of endpoint policies takes the short one alone. */
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
