import type { Decision } from './decision';
import { because } from './explain';
import type { AuthorizationRequest } from './request';
import { escaped, shown } from './terminal';

/** Keys that say the same of every call of a principal, or the same as other keys: noise in a line. */
const UNTOLD = /^(aws:(?!SourceVpc|TagKeys)|kms:(CallerAccount|EncryptionContextKeys)$|lambda:SourceFunctionArn$)/;

/**
 * One call on one line: who, what, on what, under which context, and which statements decided. Values of the caller's
 * choice are quoted where they could be taken for anything else.
 */
export function traceLine(request: AuthorizationRequest, decision: Decision): string {
  const { principal, action, resource, context } = request;
  const said = Object.entries(context)
    .filter(([key]) => !UNTOLD.test(key))
    .map(([key, value]) => `${shown(shortKey(key))}=${[value].flat().map(shown).join('+')}`);
  return [
    decision.allowed ? 'allow' : 'DENY ',
    escaped(named(principal.arn)),
    action,
    escaped(named(resource)),
    `{${said.join(', ')}}`,
    escaped(because(decision)),
  ].join(' ');
}

/** What an ARN names, without where: `key/…`, `assumed-role/…`. */
function named(arn: string): string {
  return arn.startsWith('arn:') ? arn.split(':').slice(5).join(':') : arn;
}

function shortKey(key: string): string {
  return key.replace(/^kms:EncryptionContext:/, '');
}
