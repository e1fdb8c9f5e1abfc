/** An event as EventBridge hands it to rules. */
export type Event = Readonly<Record<string, unknown>>;

/**
 * Whether a rule's pattern matches an event: exact values, `prefix`, `wildcard`, `equals-ignore-case`, `anything-but`,
 * `exists` and `$or`. Source: EventBridge User Guide, "Comparison operators for use in event patterns".
 */
export function matchesPattern(pattern: unknown, event: unknown): boolean {
  if (typeof pattern !== 'object' || pattern === null) throw new TypeError('expected a pattern, got a value');
  return Object.entries(pattern as Event).every(([name, wanted]) => {
    if (name === '$or') return (wanted as readonly unknown[]).some((each) => matchesPattern(each, event));
    const found = isObject(event) ? event[name] : undefined;
    return Array.isArray(wanted) ? matchesAny(wanted, found) : matchesMembers(wanted, found);
  });
}

/** Of a list in the event, one member has to match. */
function matchesMembers(pattern: unknown, found: unknown): boolean {
  return Array.isArray(found) ? found.some((each) => matchesPattern(pattern, each)) : matchesPattern(pattern, found);
}

function matchesAny(wanted: readonly unknown[], found: unknown): boolean {
  const values = Array.isArray(found) ? (found as unknown[]) : [found];
  return wanted.some((each) => values.some((value) => matchesOne(each, value)));
}

function matchesOne(wanted: unknown, value: unknown): boolean {
  if (!isObject(wanted)) return wanted === value;
  const [[operator, operand] = ['', undefined]] = Object.entries(wanted);
  if (operator === 'exists') return (value !== undefined) === operand;
  if (typeof value !== 'string') return false;
  if (operator === 'anything-but') return !(operand as readonly unknown[]).includes(value);
  const text = String(operand);
  if (operator === 'prefix' && isObject(operand)) {
    return value.toLowerCase().startsWith(String(operand['equals-ignore-case']).toLowerCase());
  }
  if (operator === 'prefix') return value.startsWith(text);
  if (operator === 'equals-ignore-case') return value.toLowerCase() === text.toLowerCase();
  if (operator === 'wildcard') return new RegExp(`^${text.split('*').map(escaped).join('.*')}$`).test(value);
  throw new TypeError(`expected a known operator, got ${operator}`);
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

function isObject(value: unknown): value is Event {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
