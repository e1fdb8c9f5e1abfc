import type { Decision } from './decision';
import { reasonOf } from './explain';
import type { AuthorizationRequest } from './request';
import { escaped, shown } from './terminal';

/** Matches keys that are equal in all calls of a principal, or that repeat other keys. The line omits them. */
const OMITTED = /^(aws:(?!SourceVpc|TagKeys)|kms:(CallerAccount|EncryptionContextKeys)$|lambda:SourceFunctionArn$)/;

/**
 * Returns one line for a call: principal, action, resource, context, and the statements that decided. The caller's
 * values are quoted if they could look like another part of the line.
 */
export function traceLine(request: AuthorizationRequest, decision: Decision): string {
  const { principal, action, resource, context } = request;
  const pairs = Object.entries(context)
    .filter(([key]) => !OMITTED.test(key))
    .map(([key, value]) => `${shown(shortKey(key))}=${[value].flat().map(shown).join('+')}`);
  return [
    decision.allowed ? 'allow' : 'DENY ',
    escaped(resourcePart(principal.arn)),
    action,
    escaped(resourcePart(resource)),
    `{${pairs.join(', ')}}`,
    escaped(reasonOf(decision)),
  ].join(' ');
}

/** Returns the resource part of an ARN: `key/…`, `assumed-role/…`. */
function resourcePart(arn: string): string {
  return arn.startsWith('arn:') ? arn.split(':').slice(5).join(':') : arn;
}

function shortKey(key: string): string {
  return key.replace(/^kms:EncryptionContext:/, '');
}
