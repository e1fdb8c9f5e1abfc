/** A placeholder for the name of the template's stack: names that CloudFormation makes begin with it. */
const STACK_NAME = '{stack}';
const RESOURCE = 5;

/**
 * Returns whether an ARN with wildcards can name a resource of a vault; `arn` has wildcards for that resource's unknown
 * parts. Without a wildcard in its resource an ARN names one resource, and no template knows that id.
 */
export function canName(pattern: string, arn: string): boolean {
  const plain = withoutReferences(pattern);
  if (plain.includes('${')) return false;
  const parts = partsOf(plain);
  // a wildcard in an ARN with too few parts covers several of them
  if (parts.length <= RESOURCE) return /[*?]/.test(plain) && overlap(plain, arn);
  const wanted = partsOf(arn);
  return /[*?]/.test(parts[RESOURCE] ?? '') && parts.every((part, i) => overlap(part, wanted[i] ?? ''));
}

/** Returns an ARN's partition, service, region, account and resource. */
function partsOf(arn: string): readonly string[] {
  const parts = arn.split(':');
  return parts.length <= RESOURCE ? parts : [...parts.slice(0, RESOURCE), parts.slice(RESOURCE).join(':')];
}

/** Replaces references to things outside the vault: they match anything before the resource, nothing of the vault in it. */
function withoutReferences(pattern: string): string {
  const pieces = pattern.replaceAll('${AWS::StackName}', STACK_NAME).split(/(\$\{[^{}]*\})/);
  return pieces.reduce((text, piece) => {
    const open = piece.startsWith('${AWS::') || (text.startsWith('arn:') && text.split(':').length <= RESOURCE);
    return text + (piece.startsWith('${') && open ? '*' : piece);
  }, '');
}

/** Returns whether there is a text that both patterns match, with IAM's wildcards `*` and `?`. */
export function overlap(a: string, b: string): boolean {
  let ends = closed(a, new Set([0]));
  for (const step of b) {
    const before = step === '*' ? reachable(a, ends) : ends;
    const after = step === '*' ? before : new Set([...before].flatMap((i) => next(a, i, step)));
    ends = closed(a, after);
  }
  return ends.has(a.length);
}

/** Returns the places in a pattern after one more character. */
function next(pattern: string, i: number, character: string): readonly number[] {
  const step = pattern[i];
  if (step === undefined) return [];
  if (step === '*') return [i];
  return step === '?' || character === '?' || step === character ? [i + 1] : [];
}

/** Adds the places behind wildcards that match nothing. */
function closed(pattern: string, places: ReadonlySet<number>): ReadonlySet<number> {
  const all = new Set(places);
  for (const i of all) if (pattern[i] === '*') all.add(i + 1);
  return all;
}

/** Returns all places from the first one on. */
function reachable(pattern: string, places: ReadonlySet<number>): ReadonlySet<number> {
  const first = Math.min(...places, Infinity);
  return new Set(Array.from({ length: pattern.length + 1 }, (_, i) => i).filter((i) => i >= first));
}
