import { at, type Json, keyOf } from './json';
import type { Member } from './vaults';

/** A place in a vault that shows one of its features. */
export interface FeatureData {
  readonly role: string;
  /** The member of the resource that shows it; absent: the resource's existence shows it. */
  readonly at?: readonly string[];
  /** An expression for that member's JSON; absent: any value shows it. */
  readonly matches?: string;
  /** The feature's value for each text of that member; `absent` and `present` refer to the resource or the member. */
  readonly values: Readonly<Record<string, string>>;
}

/** Reads a vault's features. An unknown value makes a feature that no entry of the allow-list asks for. */
export function readFeatures(
  data: Readonly<Record<string, FeatureData>>,
  members: readonly Member[],
  bodyOf: (member: Member) => Json,
  { environment, region }: { readonly environment: string; readonly region: string | undefined },
): Readonly<Record<string, string>> {
  const features = Object.entries(data).map(([name, { role, at: place, matches, values }]) => {
    const member = members.find((each) => each.role.path === role);
    const shown = shownBy(member && (place ? at(bodyOf(member), ...place) : 'present'), matches);
    const text = shown === undefined ? 'absent' : textOf(shown);
    const known = values[text] ?? (shown === undefined ? undefined : values.present);
    return [name, known ?? `unknown (${text.slice(0, 40)})`] as const;
  });
  return {
    ...Object.fromEntries(features),
    environment: environment === 'prod' ? 'prod' : 'other',
    identityEvents: region === undefined || region === identityRegion(region) ? 'here' : 'elsewhere',
  };
}

/** Returns the only region of a partition that receives the events of IAM. */
function identityRegion(region: string): string {
  if (region.startsWith('cn-')) return 'cn-north-1';
  return region.startsWith('us-gov-') ? 'us-gov-west-1' : 'us-east-1';
}

function shownBy(value: unknown, matches: string | undefined): unknown {
  if (matches === undefined || value === undefined) return value;
  return new RegExp(matches).test(keyOf(value as Json)) ? 'present' : undefined;
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
