import { type Duration, RemovalPolicy, Token } from 'aws-cdk-lib';
import { LIMITS, type Pattern, PATTERNS } from './patterns';

/** Describes the value of a prop for an error: JavaScript callers can pass anything. */
export function describe(value: unknown): string {
  if (Token.isUnresolved(value)) return 'a token';
  if (typeof value === 'string') return JSON.stringify(value);
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'function') return 'a function';
  return typeof value === 'object' && value !== null ? 'an object' : String(value);
}

/** Throws the error of every check, as one sentence. */
export function refuse(name: string, expected: string, value: unknown): never {
  throw new Error(`${name}: expected ${expected}, got ${describe(value)}`);
}

/** Throws unless a value is a text that matches a pattern and is known at synth. */
export function requireText(name: string, value: unknown, { pattern, expected }: Pattern): asserts value is string {
  if (typeof value !== 'string' || Token.isUnresolved(value) || !pattern.test(value)) refuse(name, expected, value);
}

/** Throws unless a value is a text that matches a pattern, or a token that CloudFormation resolves. */
export function requireTextOrToken(name: string, value: unknown, pattern: Pattern): asserts value is string {
  if (typeof value !== 'string' || !Token.isUnresolved(value)) requireText(name, value, pattern);
}

/** Throws unless a value is a member of an enum. */
export function requireMember<T>(
  name: string,
  value: unknown,
  members: Readonly<Record<string, T>>,
): asserts value is T {
  const known: readonly unknown[] = Object.values(members);
  if (!known.includes(value)) refuse(name, known.join(' or '), value);
}

/** Throws unless a value is a list: a text also has a length, and letters instead of elements. */
export function requireList(name: string, value: unknown): asserts value is readonly unknown[] {
  if (!Array.isArray(value)) refuse(name, 'a list', value);
}

/** Throws unless a value is an object with members. */
export function requireObject(name: string, value: unknown): asserts value is object {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) refuse(name, 'an object', value);
}

/** Throws unless a value is an object with these members, as constructs of any copy of the CDK have them. */
export function requireMembers(name: string, value: unknown, expected: string, members: readonly string[]): void {
  const made = typeof value === 'object' && value !== null;
  if (!made || !members.every((member) => member in value)) refuse(name, expected, value);
}

/** Throws unless a value is true or false: the text `"false"` from a context is neither. */
export function requireFlag(name: string, value: unknown): asserts value is boolean {
  if (typeof value !== 'boolean') refuse(name, 'true or false', value);
}

export function requireWholeNumber(name: string, value: unknown, min: number, max: number): asserts value is number {
  const whole = Number.isInteger(value) && !Token.isUnresolved(value);
  if (!whole || Number(value) < min || Number(value) > max) {
    refuse(name, `a whole number from ${min} to ${max}`, value);
  }
}

/** Throws unless a value is a number of capacity units in steps of 0.5. */
export function requireCapacityUnits(name: string, value: unknown, min: number, max: number): asserts value is number {
  const halves = typeof value === 'number' && Number.isInteger(value * 2) && !Token.isUnresolved(value);
  if (!halves || value < min || value > max) refuse(name, `${min} to ${max} capacity units in steps of 0.5`, value);
}

const UNITS = { days: 'toDays', hours: 'toHours', seconds: 'toSeconds', milliseconds: 'toMilliseconds' } as const;

/** Throws unless a value is a `Duration` that is known at synth, in whole units of a range. */
export function requireDuration(
  name: string,
  value: unknown,
  unit: keyof typeof UNITS,
  { min, max }: { readonly min: number; readonly max: number },
): asserts value is Duration {
  const expected = `${min} to ${max} whole ${unit}`;
  if (!isDuration(value)) return refuse(name, `a Duration of ${expected}`, value);
  if (value.isUnresolved()) throw new Error(`${name}: expected ${expected}, got a token`);
  const count = value[UNITS[unit]]({ integral: false });
  if (!Number.isInteger(count) || count < min || count > max) refuse(name, expected, count);
}

/** Returns whether a value has a duration's methods: an app can have several copies of the CDK. */
function isDuration(value: unknown): value is Duration {
  return typeof value === 'object' && value !== null && 'toMilliseconds' in value && 'isUnresolved' in value;
}

/**
 * Throws for an environment name that a service would refuse: it becomes part of names, policies and encryption
 * contexts.
 */
export function requireEnvironment(environment: unknown): asserts environment is string {
  requireText('environment', environment, PATTERNS.environment);
}

export function requireActorName(name: unknown): asserts name is string {
  requireText('actor', name, PATTERNS.actor);
}

/** Throws for a key's name that is invalid in the names of parameters or in the functions' variables. */
export function requireKid(name: string, kid: unknown): asserts kid is string {
  requireText(name, kid, PATTERNS.kid);
}

/** Throws for an account that isn't known: its number becomes part of constructs' names. */
export function requireAccount(account: unknown): asserts account is string {
  requireText('account', account, PATTERNS.account);
}

export function requireRotation(period: unknown): asserts period is Duration {
  requireDuration('rotationPeriod', period, 'days', LIMITS.rotationDays);
}

/** Throws for SNAPSHOT too: a snapshot taken at deletion would keep wallets that are revoked later. */
export function requireRemovalPolicy(policy: unknown): asserts policy is RemovalPolicy {
  const { RETAIN_ON_UPDATE_OR_DELETE, RETAIN, DESTROY } = RemovalPolicy;
  const accepted: readonly unknown[] = [RETAIN_ON_UPDATE_OR_DELETE, RETAIN, DESTROY];
  if (!accepted.includes(policy)) refuse('removalPolicy', 'RETAIN_ON_UPDATE_OR_DELETE, RETAIN or DESTROY', policy);
}
