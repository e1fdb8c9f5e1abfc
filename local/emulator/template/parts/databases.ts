import * as v from 'valibot';
import { flag, tags, text } from '../fields';
import { listOf } from '../policy-document';
import type { Resources } from '../resources';
import type { RolePart } from './roles';

export const CLUSTER = 'AWS::RDS::DBCluster';

/** A database cluster. */
export interface DatabasePart {
  readonly logicalId: string;
  readonly identifier: string;
  readonly arn: string;
  /** `cluster-…`, as in ARNs for `rds-db:connect` */
  readonly resourceId: string;
  readonly engine: string;
  readonly engineVersion: string | undefined;
  readonly host: string;
  readonly port: number;
  /** the initial database; undefined for none */
  readonly database: string | undefined;
  readonly masterUser: string | undefined;
  /** undefined if RDS doesn't manage the master's password */
  readonly masterSecret: MasterSecret | undefined;
  /** whether roles may connect with IAM tokens */
  readonly iamAuthentication: boolean;
  readonly encrypted: boolean;
  readonly tags: Readonly<Record<string, string>>;
}

export interface MasterSecret {
  readonly arn: string;
  /** undefined for Secrets Manager's default key */
  readonly kmsKeyId: string | undefined;
}

/** A database user that a role may connect as: a statement allows the role `rds-db:connect`. */
export interface DatabaseUserPart {
  /** logical id */
  readonly role: string;
  /** `cluster-…`, or the policy's pattern */
  readonly resourceId: string;
  readonly user: string;
}

const FIELDS = {
  Engine: text,
  EngineVersion: v.optional(text),
  DatabaseName: v.optional(text),
  MasterUsername: v.optional(text),
  ManageMasterUserPassword: v.optional(flag, false),
  MasterUserSecret: v.optional(v.object({ KmsKeyId: v.optional(text) })),
  EnableIAMDatabaseAuthentication: v.optional(flag, false),
  StorageEncrypted: v.optional(flag, false),
  Tags: v.optional(tags, {}),
};

export function readDatabases(resources: Resources): readonly DatabasePart[] {
  const { resolver } = resources;
  return resources.of(CLUSTER, FIELDS).map(({ logicalId, properties }) => ({
    logicalId,
    identifier: resolver.name(logicalId),
    arn: resolver.name(logicalId, 'DBClusterArn'),
    resourceId: resolver.name(logicalId, 'DBClusterResourceId'),
    engine: properties.Engine,
    engineVersion: properties.EngineVersion,
    host: resolver.name(logicalId, 'Endpoint.Address'),
    port: Number(resolver.name(logicalId, 'Endpoint.Port')),
    database: properties.DatabaseName,
    masterUser: properties.MasterUsername,
    masterSecret: properties.ManageMasterUserPassword
      ? { arn: resolver.name(logicalId, 'MasterUserSecret.SecretArn'), kmsKeyId: properties.MasterUserSecret?.KmsKeyId }
      : undefined,
    iamAuthentication: properties.EnableIAMDatabaseAuthentication,
    encrypted: properties.StorageEncrypted,
    tags: properties.Tags,
  }));
}

const CONNECT = /^rds-db:(?:connect|\*)$/i;
const DATABASE_USER = /^arn:[^:]*:rds-db:[^:]*:[^:]*:dbuser:([^/]+)\/(.+)$/;

/**
 * Reads the database users that statements allow roles to connect as. Doesn't expand wildcards or apply `Deny`: the
 * authorization of a connection does.
 */
export function readDatabaseUsers(roles: readonly RolePart[]): readonly DatabaseUserPart[] {
  return roles.flatMap(({ logicalId: role, policies }) =>
    policies
      .flatMap(({ document }) => document.Statement)
      .filter(({ Effect, Action }) => Effect === 'Allow' && listOf(Action).some((action) => CONNECT.test(action)))
      .flatMap(({ Resource }) => listOf(Resource))
      .flatMap((resource) => {
        const [, resourceId, user] = DATABASE_USER.exec(resource) ?? [];
        return resourceId === undefined || user === undefined ? [] : [{ role, resourceId, user }];
      }),
  );
}
