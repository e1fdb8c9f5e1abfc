import { describe, expect, test } from '@jest/globals';
import { metricsOf } from '../../../lambda/invocation/metrics';

const OUTCOME = { environment: 'prod', function: 'unseal', actor: 'signer' };

describe('metricsOf', () => {
  test('counts a response by environment, function and actor', () => {
    expect(metricsOf(OUTCOME, 1_000)).toEqual({
      environment: 'prod',
      Answered: 1,
      _aws: {
        Timestamp: 1_000,
        CloudWatchMetrics: [
          {
            Namespace: 'ShareVault',
            Dimensions: [['environment', 'function', 'actor']],
            Metrics: [{ Name: 'Answered', Unit: 'Count' }],
          },
        ],
      },
    });
  });

  test('counts a response without an actor, as a migration is, by environment and function', () => {
    const { _aws } = metricsOf({ ...OUTCOME, actor: undefined }, 0);

    expect(_aws).toMatchObject({ CloudWatchMetrics: [{ Dimensions: [['environment', 'function']] }] });
  });

  test('counts a refusal by environment and function, whichever actor it has', () => {
    expect(metricsOf({ ...OUTCOME, code: 'NotFound' }, 0)).toMatchObject({
      Refused: 1,
      _aws: { CloudWatchMetrics: [{ Dimensions: [['environment', 'function']], Metrics: [{ Name: 'Refused' }] }] },
    });
  });

  test.each(['ContextMismatch', 'MessageCorrupt', 'ActorRequired'])('counts %s as tampering too', (code) => {
    expect(metricsOf({ ...OUTCOME, code }, 0)).toMatchObject({ Refused: 1, Tampered: 1 });
  });

  test.each([
    'StoreUnavailable',
    'KeyUnavailable',
    'KeyThrottled',
    'KeyTimeout',
    'KeyUnreachable',
    'SecretUnavailable',
    'Misconfigured',
    'InternalError',
  ])('counts %s as a failure of the vault, which no caller causes', (code) => {
    expect(metricsOf({ ...OUTCOME, code }, 0)).toMatchObject({ Refused: 1, Failed: 1 });
  });

  test.each([
    'NotFound',
    'Revoked',
    'Conflict',
    'InvalidRequest',
    'TransportRejected',
    'ActorRequired',
    'MessageCorrupt',
  ])('counts %s as no failure of the vault', (code) => {
    expect(metricsOf({ ...OUTCOME, code }, 0)).not.toHaveProperty('Failed');
  });

  test.each(['NotFound', 'Revoked', 'KeyThrottled', 'InvalidRequest'])('counts %s as no tampering', (code) => {
    expect(metricsOf({ ...OUTCOME, code }, 0)).not.toHaveProperty('Tampered');
  });

  test('counts a migration that leaves the database without an audit', () => {
    expect(metricsOf({ environment: 'prod', function: 'migrate', audited: false }, 0)).toMatchObject({
      Answered: 1,
      Unaudited: 1,
      _aws: { CloudWatchMetrics: [{ Dimensions: [['environment', 'function']] }] },
    });
  });

  test.each([0, 1, 100])('counts %d records of an unseal, for an alarm over all actors', (unsealed) => {
    expect(metricsOf({ ...OUTCOME, unsealed }, 0)).toMatchObject({
      Unsealed: unsealed,
      _aws: {
        CloudWatchMetrics: [
          { Metrics: [{ Name: 'Answered' }] },
          { Dimensions: [['environment', 'function']], Metrics: [{ Name: 'Unsealed', Unit: 'Count' }] },
        ],
      },
    });
  });

  test.each([0, 1, 3])('counts %d freezes in force as one metric of the vault, whichever function it is', (frozen) => {
    expect(metricsOf({ environment: 'prod', function: 'thaw', frozen }, 0)).toMatchObject({
      Frozen: frozen,
      _aws: {
        CloudWatchMetrics: [
          { Metrics: [{ Name: 'Answered' }] },
          { Dimensions: [['environment']], Metrics: [{ Name: 'Frozen', Unit: 'Count' }] },
        ],
      },
    });
  });

  test.each([
    ['staleRecords', 'StaleRecords', 'Count', 0],
    ['staleRecords', 'StaleRecords', 'Count', 12],
    ['oldestMaterialDays', 'OldestMaterialDays', 'None', 97],
  ] as const)('sends %s as one metric of the vault, %s in %s: %d', (field, name, unit, value) => {
    expect(metricsOf({ environment: 'prod', function: 'migrate', [field]: value }, 0)).toMatchObject({
      [name]: value,
      _aws: {
        CloudWatchMetrics: [
          { Metrics: [{ Name: 'Answered' }] },
          { Dimensions: [['environment']], Metrics: [{ Name: name, Unit: unit }] },
        ],
      },
    });
  });

  test.each([
    ['requested', 'ThawRequested'],
    ['confirmed', 'Thawed'],
  ] as const)('counts a thaw that was %s as %s, whichever actor it has', (thaw, name) => {
    expect(metricsOf({ ...OUTCOME, function: 'thaw', thaw }, 0)).toMatchObject({
      [name]: 1,
      _aws: {
        CloudWatchMetrics: [
          { Metrics: [{ Name: 'Answered' }] },
          { Dimensions: [['environment', 'function']], Metrics: [{ Name: name }] },
        ],
      },
    });
  });

  test.each([
    ['resealed', 'Resealed', 7],
    ['openedRetiring', 'OpenedByRetiringKey', 2],
    ['openedRetired', 'OpenedByRetiredKey', 2],
    ['unresealed', 'Unresealed', 0],
  ] as const)('counts records that are %s, for an alarm', (field, name, records) => {
    expect(metricsOf({ ...OUTCOME, [field]: records }, 0)).toMatchObject({
      [name]: records,
      _aws: {
        CloudWatchMetrics: [
          { Metrics: [{ Name: 'Answered' }] },
          { Dimensions: [['environment', 'function']], Metrics: [{ Name: name, Unit: 'Count' }] },
        ],
      },
    });
  });

  test('counts thaws that the log has, and nothing if it has no new one', () => {
    const outcome = { environment: 'prod', function: 'migrate' };

    expect(metricsOf({ ...outcome, thawsLogged: 2 }, 0)).toMatchObject({
      ThawsLogged: 2,
      _aws: {
        CloudWatchMetrics: [
          { Metrics: [{ Name: 'Answered' }] },
          { Dimensions: [['environment', 'function']], Metrics: [{ Name: 'ThawsLogged', Unit: 'Count' }] },
        ],
      },
    });
    expect(metricsOf({ ...outcome, thawsLogged: 0 }, 0)).not.toHaveProperty('ThawsLogged');
  });

  test('counts what a sweep should have destroyed, and nothing if it destroyed all', () => {
    const line = metricsOf({ environment: 'prod', function: 'migrate', waiting: { overdue: 3 } }, 0);

    expect(line).toMatchObject({
      Overdue: 3,
      _aws: {
        CloudWatchMetrics: [
          { Metrics: [{ Name: 'Answered' }] },
          { Dimensions: [['environment', 'function']], Metrics: [{ Name: 'Overdue', Unit: 'Count' }] },
        ],
      },
    });
    expect(metricsOf({ ...OUTCOME, waiting: { overdue: 0 } }, 0)).not.toHaveProperty('Overdue');
  });

  test('counts no freezes for a call that does not know how many there are', () => {
    expect(metricsOf(OUTCOME, 0)).not.toHaveProperty('Frozen');
  });

  test.each([true, undefined])('counts no missing audit if a response has %s of it', (audited) => {
    expect(metricsOf({ ...OUTCOME, audited }, 0)).not.toHaveProperty('Unaudited');
  });
});
