import type { Decision, PolicyPart, StatementPart, StatementPlace } from './decision';
import { reason } from './message';
import { COLUMNS, escaped, wrap } from './terminal';

const LABEL = 9;
/** of the longest kind, `service control`, and two spaces */
const KIND = 17;
const STATEMENT = 4;

/**
 * A decision with each policy's part in it, as lines for a terminal of 110 columns. Statements that are about other
 * actions are counted, the others are shown with what of them doesn't fit.
 */
export function explain(decision: Decision): readonly string[] {
  return [
    ...labelled(decision.allowed ? 'ALLOWED' : 'DENIED', decision.action),
    ...labelled('to', decision.principal),
    ...labelled('on', decision.resource),
    ...labelled('why', because(decision)),
    ...decision.parts.flatMap(policyLines),
  ];
}

/** `statement OpenShares of UnsealPolicy (identity) allows`, or the reason that AWS would give. */
export function because(decision: Decision): string {
  if (decision.kind !== undefined) return [reason(decision), ...decision.by.slice(0, 1).map(placed)].join(': ');
  if (decision.by.length === 0) return 'everyone may';
  return `allowed by ${decision.by.map(placed).join(', ')}`;
}

function placed({ kind, policy, statement }: StatementPlace): string {
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
  const fate = matches ? 'matches' : `does not match: ${misses.join('; ')}`;
  return hanging(`${' '.repeat(STATEMENT)}${effect.padEnd(6)}`, `${statement} ${fate}`);
}

function labelled(label: string, text: string): readonly string[] {
  return hanging(label.padEnd(LABEL), text);
}

/** A text whose further lines begin where its first does. */
function hanging(head: string, text: string): readonly string[] {
  return wrap(escaped(text), COLUMNS - head.length).map((line, index) =>
    index === 0 ? `${head}${line}` : `${' '.repeat(head.length)}${line}`,
  );
}
