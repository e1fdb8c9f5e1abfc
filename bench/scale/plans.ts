import { open } from 'node:fs/promises';

/** A statement within a function of the database, as `auto_explain` logs it. */
export interface Plan {
  /** the statement's text in one line */
  readonly statement: string;
  /** tables that are read in whole */
  readonly wholeTables: readonly string[];
  readonly indexes: readonly string[];
}

/** Settings of sessions that log the plan of each statement, those of functions included, without values. */
export const EXPLAINED = {
  session_preload_libraries: 'auto_explain',
  'auto_explain.log_min_duration': '0',
  'auto_explain.log_nested_statements': 'on',
  'auto_explain.log_format': 'json',
  'auto_explain.log_parameter_max_length': '0',
} as const;

interface Node {
  readonly 'Node Type': string;
  readonly 'Relation Name'?: string;
  readonly 'Index Name'?: string;
  readonly Plans?: readonly Node[];
}

/** Reads the plans that PostgreSQL's log has from this place on. */
export async function plansSince(logFile: string, place: number): Promise<readonly Plan[]> {
  const log = (await readFrom(logFile, place)).split('\n');
  return log.flatMap((line, number) => {
    if (!line.endsWith(' plan:')) return [];
    const end = log.findIndex((other, at) => at > number && !other.startsWith('\t'));
    const json = log.slice(number + 1, end === -1 ? undefined : end).join('\n');
    const { 'Query Text': text, Plan: root } = JSON.parse(json) as {
      readonly 'Query Text': string;
      readonly Plan: Node;
    };
    const nodes = nodesOf(root);
    return [
      {
        statement: text.replaceAll(/\s+/g, ' ').trim(),
        wholeTables: nodes.flatMap((node) =>
          node['Node Type'] === 'Seq Scan' && node['Relation Name'] ? [node['Relation Name']] : [],
        ),
        indexes: nodes.flatMap((node) => node['Index Name'] ?? []),
      },
    ];
  });
}

/** Returns the length of a file in bytes: the place for `plansSince`. */
export async function endOf(file: string): Promise<number> {
  const handle = await open(file, 'r');
  try {
    return (await handle.stat()).size;
  } finally {
    await handle.close();
  }
}

async function readFrom(file: string, position: number): Promise<string> {
  const handle = await open(file, 'r');
  try {
    const { size } = await handle.stat();
    const buffer = Buffer.alloc(size - position);
    await handle.read({ buffer, position });
    return buffer.toString();
  } finally {
    await handle.close();
  }
}

function nodesOf(node: Node): readonly Node[] {
  return [node, ...(node.Plans ?? []).flatMap(nodesOf)];
}
