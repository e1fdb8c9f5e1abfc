import { type Duration, RemovalPolicy, Token } from 'aws-cdk-lib';
import { ACTOR_PATTERN, ENVIRONMENT_PATTERN } from '../../lambda/env';

/** KMS rotates no oftener and no more rarely; days. */
const ROTATION_DAYS = { min: 90, max: 2_560 } as const;

/** An environment's name stands in names, policies and encryption contexts: it must be known at synth. */
export function requireEnvironment(environment: string): void {
  if (Token.isUnresolved(environment)) throw new Error('environment: expected a literal name, got a token');
  if (!ENVIRONMENT_PATTERN.test(environment)) {
    throw new Error(`environment: expected a name like ${ENVIRONMENT_PATTERN.source}, got "${environment}"`);
  }
}

export function requireActorName(name: string): void {
  if (Token.isUnresolved(name)) throw new Error('actor: expected a literal name, got a token');
  if (!ACTOR_PATTERN.test(name)) {
    throw new Error(`actor: expected a name like ${ACTOR_PATTERN.source}, got "${name}"`);
  }
}

/** A key's name stands in parameters' names and in the functions' environment. */
export const KID_PATTERN = /^[A-Za-z0-9_.-]{1,64}$/;

export function requireKid(kid: string): void {
  if (!KID_PATTERN.test(kid)) {
    throw new Error(`kid: expected 1 to 64 letters, digits and _.-, got "${kid}"`);
  }
}

export function requireRotation(period: Duration): void {
  const days = period.toDays({ integral: false });
  if (!Number.isInteger(days) || days < ROTATION_DAYS.min || days > ROTATION_DAYS.max) {
    throw new Error(`rotationPeriod: expected ${ROTATION_DAYS.min} to ${ROTATION_DAYS.max} whole days, got ${days}`);
  }
}

/** A snapshot taken at deletion would outlive every promise that a revocation makes. */
export function requireRemovalPolicy(policy: RemovalPolicy): void {
  if (policy === RemovalPolicy.SNAPSHOT) {
    throw new Error('removalPolicy: expected RETAIN_ON_UPDATE_OR_DELETE, RETAIN or DESTROY, got SNAPSHOT');
  }
}

export function requireWholeNumber(name: string, value: number, min: number, max: number): void {
  if (Token.isUnresolved(value) || !Number.isInteger(value) || value < min || value > max) {
    throw new Error(`${name}: expected a whole number from ${min} to ${max}, got ${value}`);
  }
}

export function requireMilliseconds(name: string, value: Duration, min: number, max: number): void {
  requireWholeNumber(`${name} in milliseconds`, value.toMilliseconds({ integral: false }), min, max);
}

/** An account's number stands in constructs' names. */
export function requireAccount(account: string): void {
  if (Token.isUnresolved(account)) throw new Error('account: expected 12 digits, got a token');
  if (!/^\d{12}$/.test(account)) {
    throw new Error(`account: expected 12 digits, got "${account}"`);
  }
}
