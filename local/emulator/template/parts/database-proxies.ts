import * as v from 'valibot';
import { flag, text } from '../fields';
import { fail } from '../errors';
import type { Resources } from '../resources';

const PROXY = 'AWS::RDS::DBProxy';

/** RDS Proxy in front of the cluster. Connections go to the local database itself; logins are decided as the proxy's. */
export interface DatabaseProxyPart {
  readonly logicalId: string;
  readonly name: string;
  /** `prx-…`, as in ARNs for `rds-db:connect` */
  readonly resourceId: string;
  /** with which the proxy logs in to the cluster */
  readonly roleArn: string;
  readonly arn: string;
}

const FIELDS = {
  DBProxyName: text,
  EngineFamily: v.literal('POSTGRESQL'),
  DefaultAuthScheme: v.literal('IAM_AUTH'),
  RequireTLS: v.optional(flag, false),
  RoleArn: text,
};
/** Properties that change nothing on one machine. */
const IGNORED = ['DebugLogging', 'IdleClientTimeout', 'Tags', 'VpcSecurityGroupIds', 'VpcSubnetIds'];

/**
 * Reads the proxies. Throws `TemplateError` for one without end-to-end IAM authentication or TLS, and for a property that
 * is unknown here: secrets for database users, for example.
 */
export function readDatabaseProxies(resources: Resources): readonly DatabaseProxyPart[] {
  const { resolver } = resources;
  return resources.of(PROXY, FIELDS).map(({ logicalId, properties }) => {
    const path = ['Resources', logicalId, 'Properties'];
    for (const name of Object.keys(resolver.template.Resources[logicalId]?.Properties ?? {})) {
      if (!(name in FIELDS) && !IGNORED.includes(name)) {
        fail(resolver.template, [...path, name], 'expected a property of a proxy that is known here, got another');
      }
    }
    if (!properties.RequireTLS) fail(resolver.template, [...path, 'RequireTLS'], 'expected true, got none');
    const arn = resolver.name(logicalId, 'DBProxyArn');
    const { DBProxyName: name, RoleArn: roleArn } = properties;
    return { logicalId, name, resourceId: arn.split(':').at(-1) ?? '', roleArn, arn };
  });
}
