import type { Decision, PolicyPart, StatementPart, StatementPlace } from './decision';
import { reason } from './message';
import { COLUMNS, escaped, wrap } from './terminal';

const LABEL = 9;
/** the width of the longest kind, `service control`, and two spaces */
const KIND = 17;
const STATEMENT = 4;

/**
 * Returns a decision and the evaluation of each policy as lines for a terminal of 110 columns. Statements about other
 * actions are counted. All other statements are shown with the elements that don't match.
 */
export function explain(decision: Decision): readonly string[] {
  return [
    ...labelled(decision.allowed ? 'ALLOWED' : 'DENIED', decision.action),
    ...labelled('to', decision.principal),
    ...labelled('on', decision.resource),
    ...labelled('why', reasonOf(decision)),
    ...decision.parts.flatMap(policyLines),
  ];
}

/** Returns `allowed by UnsealPolicy/OpenShares (identity)`, or the reason that AWS would give for a deny. */
export function reasonOf(decision: Decision): string {
  if (decision.kind !== undefined) return [reason(decision), ...decision.by.slice(0, 1).map(statementName)].join(': ');
  if (decision.by.length === 0) return 'allowed for every principal';
  return `allowed by ${decision.by.map(statementName).join(', ')}`;
}

function statementName({ kind, policy, statement }: StatementPlace): string {
  return `${policy}/${statement} (${kind})`;
}

function policyLines({ kind, policy, verdict, statements }: PolicyPart): readonly string[] {
  const about = statements.filter(({ misses }) => !misses.includes('action'));
  const others = statements.length - about.length;
  return [
    '',
    ...hanging(kind.padEnd(KIND), `${policy}: ${verdict}`),
    ...about.flatMap(statementLines),
    ...(others > 0 ? [`${' '.repeat(STATEMENT)}${others} about other actions`] : []),
  ];
}

function statementLines({ statement, effect, matches, misses }: StatementPart): readonly string[] {
  const result = matches ? 'matches' : `does not match: ${misses.join('; ')}`;
  return hanging(`${' '.repeat(STATEMENT)}${effect.padEnd(6)}`, `${statement} ${result}`);
}

function labelled(label: string, text: string): readonly string[] {
  return hanging(label.padEnd(LABEL), text);
}

/** Returns a text with a hanging indent: all lines start in the same column, after the head. */
function hanging(head: string, text: string): readonly string[] {
  return wrap(escaped(text), COLUMNS - head.length).map((line, index) =>
    index === 0 ? `${head}${line}` : `${' '.repeat(head.length)}${line}`,
  );
}
