import { Token } from 'aws-cdk-lib';
import type { DatabaseOptions } from '../database-options';
import { TlsFloor } from '../tls-floor';
import { refuse, requireCapacityUnits, requireDuration, requireFlag, requireMember, requireObject } from './checks';
import { requireText, requireWholeNumber } from './checks';
import { LIMITS, PATTERNS } from './patterns';

/** Oldest major version: the first migration grants a role `WITH SET, INHERIT`, which earlier versions lack. */
const OLDEST_MAJOR = 16;
/** First minor version of that major version that can pause. */
const PAUSES_FROM_MINOR = 3;

/** Throws for options of a database that RDS would refuse, or accept with another meaning. */
export function requireDatabaseOptions(options: DatabaseOptions): void {
  requireCapacity(options);
  const { clusterIdentifier, restoreToken, port, tlsFloor, backupPlan, backupRetention, engineVersion } = options;
  if (clusterIdentifier !== undefined) requireClusterIdentifier(clusterIdentifier);
  if (restoreToken !== undefined) requireText('restoreToken', restoreToken, PATTERNS.restoreToken);
  if (port !== undefined) requireWholeNumber('port', port, LIMITS.port.min, LIMITS.port.max);
  if (tlsFloor !== undefined) requireMember('tlsFloor', tlsFloor, TlsFloor);
  if (backupPlan !== undefined) requireFlag('backupPlan', backupPlan);
  if (backupRetention !== undefined) requireDuration('backupRetention', backupRetention, 'days', LIMITS.backupDays);
  if (engineVersion !== undefined) requireEngineVersion(engineVersion, options.minCapacity === 0);
}

/**
 * Throws for an invalid identifier, and names the lower-case spelling: RDS stores that, and its log group, key policy
 * and metric filter would not match the cluster.
 */
function requireClusterIdentifier(identifier: unknown): void {
  const lower = typeof identifier === 'string' && !Token.isUnresolved(identifier) ? identifier.toLowerCase() : '';
  if (lower !== identifier && PATTERNS.clusterIdentifier.pattern.test(lower)) {
    refuse('clusterIdentifier', `"${lower}", the spelling that RDS stores`, identifier);
  }
  requireText('clusterIdentifier', identifier, PATTERNS.clusterIdentifier);
}

function requireCapacity(options: DatabaseOptions): void {
  const { minCapacity = 0.5, maxCapacity = 4, readers = 0, autoPauseAfter } = options;
  requireCapacityUnits('minCapacity', minCapacity, LIMITS.minCapacity.min, LIMITS.minCapacity.max);
  requireCapacityUnits('maxCapacity', maxCapacity, LIMITS.maxCapacity.min, LIMITS.maxCapacity.max);
  if (maxCapacity < minCapacity) refuse('maxCapacity', `at least minCapacity ${minCapacity}`, maxCapacity);
  requireWholeNumber('readers', readers, LIMITS.readers.min, LIMITS.readers.max);
  if (autoPauseAfter === undefined) return;
  requireDuration('autoPauseAfter', autoPauseAfter, 'seconds', LIMITS.autoPauseSeconds);
  if (minCapacity !== 0)
    refuse('autoPauseAfter', 'none unless minCapacity is 0: other databases never pause', autoPauseAfter);
}

/** Throws for an invalid version. Reads both of its texts: `AuroraPostgresEngineVersion.of` accepts any. */
function requireEngineVersion(version: unknown, pauses: boolean): void {
  requireObject('engineVersion', version);
  const { auroraPostgresFullVersion: full, auroraPostgresMajorVersion: family } = version as Record<string, unknown>;
  const pattern = /^[1-9]\d(\.\d{1,2})?$/;
  requireText('engineVersion', full, { pattern, expected: 'a version like 17.9' });
  const [major = '', minor] = full.split('.');
  if (family !== major) refuse('engineVersion', `the major version ${major} of ${full}`, family);
  if (Number(major) < OLDEST_MAJOR) refuse('engineVersion', `${OLDEST_MAJOR} or later`, full);
  const tooEarly = Number(major) === OLDEST_MAJOR && minor !== undefined && Number(minor) < PAUSES_FROM_MINOR;
  if (pauses && tooEarly) refuse('engineVersion', `${OLDEST_MAJOR}.${PAUSES_FROM_MINOR} or later to pause`, full);
}
