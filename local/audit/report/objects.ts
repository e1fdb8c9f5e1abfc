/** The groups of what a vault's requests are for, in the order of the report's tables. */
export const GROUPS = ['Keys', 'Secrets', 'Functions', 'Database', 'Administration'] as const;
export type Group = (typeof GROUPS)[number];

interface ObjectOfRequest {
  readonly object: string;
  readonly group: Group;
}

/** Changes of functions, roles and their way to a deploy. */
const CHANGES = /^lambda:(?!InvokeFunction)/;

/** Returns what a request of the matrix is for, by its name. */
export function objectOf(name: string, action: string): ObjectOfRequest {
  const rest = name.slice(action.length).replace(/^[ ,]+/, '');
  const [service = ''] = action.split(':');
  const [object = ''] = rest.split(',');
  if (service === 'kms')
    return { object: object.replace(/ (?:to|for|with|in|directly|through) .*$/, ''), group: 'Keys' };
  if (service === 'sts' && action.includes('Token')) return { object: 'identity token', group: 'Keys' };
  if (service === 'secretsmanager') return { object, group: 'Secrets' };
  if (service === 'ssm') return { object: `parameter ${object}`.replace('parameter of the', 'parameter:'), group: 'Secrets' }; // prettier-ignore
  if (service === 'rds-db') return { object, group: 'Database' };
  if (service === 'rds') return { object, group: 'Database' };
  if (CHANGES.test(action)) return { object: `${object} (change)`, group: 'Administration' };
  if (service === 'lambda') return { object: object.split(/[: ]/)[0] ?? object, group: 'Functions' };
  if (service === 'states') return { object: `state machine ${object}`, group: 'Administration' };
  return { object, group: 'Administration' };
}
