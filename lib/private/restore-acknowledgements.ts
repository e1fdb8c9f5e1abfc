import { Stack, Token } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import type { Acknowledgement } from './acknowledgement';
import { RESTORED } from './restored-names';

/** Returns the reviewed findings of restore tests: the packs name the account and region of the vault. */
export function restoreAcknowledgements(vault: IConstruct): readonly Acknowledgement[] {
  const { partition, region, account } = Stack.of(vault);
  const named = (value: string, name: string) => (Token.isUnresolved(value) ? `<AWS::${name}>` : value);
  const place = `${named(region, 'Region')}:${named(account, 'AccountId')}`;
  const found = (service: string, rest: string): string =>
    `AwsSolutions-IAM5[Resource::arn:${named(partition, 'Partition')}:${service}:${place}:${rest}]`;
  const restoring = /^RestoreTesting\/Role\/Permissions\/Resource$/;
  const running = /^RestoreTesting\/MachineRole\/Permissions\/Resource$/;
  return [
    {
      ids: [found('rds-db', 'dbuser:*/vault_restore_checker')],
      at: /^RestoreTesting\/Function\/Role\/Permissions\/Resource$/,
      reason:
        'The id of a restored cluster is unknown before the restore. The user is fixed and exists in vaults only, those of other environments in the account included. It reads counts, ids of wallets, the heads of logs, canaries and digests of records, no message of a wallet, and it writes canaries and results of tests.',
    },
    {
      ids: [
        found('rds', `cluster:${RESTORED}`),
        found('rds', 'cluster-snapshot:awsbackup:*'),
        'AwsSolutions-IAM5[Resource::*]',
        'AwsSolutions-IAM5[Action::kms:GenerateDataKey*]',
        'AwsSolutions-IAM5[Action::kms:ReEncrypt*]',
      ],
      at: restoring,
      reason:
        'AWS Backup chooses the names of snapshots and of restored clusters, with its own prefixes. It describes all of them to follow a restore, and it uses the one storage key through RDS only.',
    },
    {
      ids: [
        found('rds', `cluster:${RESTORED}`),
        found('rds', `db:${RESTORED}`),
        found('rds', 'og:default:*'),
        found('rds', 'pg:default.*'),
        'AwsSolutions-IAM5[Resource::*]',
      ],
      at: running,
      reason:
        "AWS Backup chooses the names of restored clusters, with its own prefix, and an instance gets the default groups of its engine, with the version in their names. Actions on restore jobs support no resources: the state machine compares the job's plan.",
    },
  ];
}
