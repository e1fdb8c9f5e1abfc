import { type Check } from './finding';
import { at, list, ofType } from './template';
import { hasBucket } from './tombstones';

/** A daily rule destroys superseded records after 30 days, even if the vault gets no call; with a bucket of tombstones hourly. */
export const sweepRunsDaily: Check = (template) => {
  const rule = ofType(template, 'AWS::Events::Rule').find(({ id }) => id === 'VaultMigrationSweep')?.properties;
  const [target, ...others] = list(at(rule, 'Targets'));
  const problems = [
    ...(at(rule, 'State') === 'ENABLED' &&
    at(rule, 'ScheduleExpression') === (hasBucket(template) ? 'rate(1 hour)' : 'rate(1 day)')
      ? []
      : ['expected a rule that runs once a day, or once an hour with a bucket of tombstones, got none']),
    ...(String(at(target, 'Arn')).endsWith(`:share-vault-${template.environment}-migrate:sweep`) && others.length === 0
      ? []
      : ['expected it to run the migration alone, got something else']),
    ...['Input', 'InputPath', 'InputTransformer']
      .filter((name) => at(target, name) !== undefined)
      .map((name) => `expected it to say nothing to the migration, got ${name}`),
    ...(at(target, 'RetryPolicy', 'MaximumRetryAttempts') === 0 ? [] : ['expected no second try, got the default']),
  ];
  return problems.map((problem) => ({ resource: 'VaultMigrationSweep', problem }));
};
