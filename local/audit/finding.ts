import { isList, isObject, type Json } from './json';

/** A difference between a template and the allow-list. */
export interface Finding {
  /** The logical id; empty for the template as a whole. */
  readonly resource: string;
  /** The construct path below the vault, or the type of a resource outside it. */
  readonly path: string;
  /** The member that differs, such as `Properties.KeySpec`; empty for the resource as a whole. */
  readonly property: string;
  readonly expected: string;
  readonly got: string;
}

/** Returns a finding as one line, the same for the same template. */
export function describeFinding({ resource, path, property, expected, got }: Finding): string {
  const place = [resource, path && `(${path})`, property].filter((text) => text !== '').join(' ');
  return `${place || 'template'}: expected ${expected}, got ${got}`;
}

const LONGEST = 120;
/** Properties with values that are described and never quoted. */
const CONFIDENTIAL = /password|passphrase|secretstring|token|credential|private|Environment\.Variables\./i;

/** Returns a property's value as a finding may show it: shortened, and never a value that could be secret. */
export function show(value: Json | undefined, property = ''): string {
  if (value === undefined) return 'none';
  if (CONFIDENTIAL.test(property)) return kindOf(value);
  const text = JSON.stringify(value);
  return text.length <= LONGEST ? text : `${text.slice(0, LONGEST)}…`;
}

function kindOf(value: Json): string {
  if (isList(value)) return `a list of ${value.length}`;
  if (isObject(value)) return `an object of ${Object.keys(value).length} members`;
  return typeof value === 'string' ? `a text of ${value.length} characters` : `a ${typeof value}`;
}
