import { type Decision, explain, reasonOf } from '../emulator/authorization';
import { escaped, wrap } from '../emulator/authorization/terminal';
import { csv } from './csv';
import type { Format } from './format';

/** A decision, and the principal as it was named. */
export interface NamedDecision {
  readonly principal: string;
  readonly decision: Decision;
}

interface DecisionFormat {
  /** Returns a decision with the part of each policy. */
  one(decision: NamedDecision): string;
  /** Returns a line or record for each decision. */
  all(decisions: readonly NamedDecision[]): string;
}

const CSV_HEAD = ['result', 'role', 'principal', 'action', 'resource', 'kind', 'policy', 'statement', 'why'];

/** The outputs of `explain`. */
export const DECISION_FORMATS: Readonly<Record<Format, DecisionFormat>> = {
  text: {
    one: ({ decision }) => `${explain(decision).join('\n')}\n`,
    all: (decisions) => `${decisions.flatMap(textLines(decisions)).join('\n')}\n`,
  },
  csv: {
    one: (decision) => csv([CSV_HEAD, csvRow(decision)]),
    all: (decisions) => csv([CSV_HEAD, ...decisions.map(csvRow)]),
  },
  json: {
    one: (decision) => `${JSON.stringify(recordOf(decision), undefined, 2)}\n`,
    all: (decisions) => `${JSON.stringify(decisions.map(recordOf), undefined, 2)}\n`,
  },
};

/** Returns `ALLOWED  ROLE  allowed by …`: one line, or more in a terminal that is narrower. */
function textLines(all: readonly NamedDecision[]): (decision: NamedDecision) => readonly string[] {
  const width = Math.max(...all.map(({ principal }) => principal.length));
  const columns = (process.stdout.columns as number | undefined) ?? Infinity;
  return ({ principal, decision }) => {
    const head = `${resultOf(decision).toUpperCase().padEnd(7)}  ${escaped(principal)}`;
    const why = escaped(reasonOf(decision));
    const line = `${head.padEnd(width + 9)}  ${why}`;
    return line.length <= columns ? [line] : [head, ...wrap(why, columns - 9).map((part) => `${' '.repeat(9)}${part}`)];
  };
}

function csvRow({ principal, decision }: NamedDecision): readonly string[] {
  const { principal: arn, action, resource, by, kind } = decision;
  const [first] = by;
  const place = [first?.kind ?? kind ?? '', first?.policy ?? '', first?.statement ?? ''];
  return [resultOf(decision), principal, arn, action, resource, ...place, reasonOf(decision)];
}

/** Returns a decision as it is printed as JSON: see docs/local-vault.md. */
function recordOf({ principal: role, decision }: NamedDecision): object {
  const { principal, action, resource, kind, by, parts: policies } = decision;
  const why = reasonOf(decision);
  return { result: resultOf(decision), role, principal, action, resource, why, kind, by, policies };
}

function resultOf({ allowed }: Decision): 'allowed' | 'denied' {
  return allowed ? 'allowed' : 'denied';
}
