import { Assets } from './assets';
import type { Deployment } from './deployment';
import { type MissingStored, missingStored } from './link/missing-stored';
import * as aliases from './parts/aliases';
import * as buckets from './parts/buckets';
import * as databases from './parts/databases';
import * as endpoints from './parts/endpoints';
import * as eventRules from './parts/event-rules';
import * as eventSources from './parts/event-sources';
import * as functions from './parts/functions';
import * as httpApis from './parts/http-apis';
import * as keys from './parts/keys';
import * as permissions from './parts/permissions';
import * as policies from './parts/policies';
import * as restorePlans from './parts/restore-plans';
import * as roles from './parts/roles';
import * as secrets from './parts/secrets';
import * as stateMachines from './parts/state-machines';
import * as storedParameters from './parts/stored-parameters';
import * as triggers from './parts/triggers';
import { type Destination, outwardObstacle } from './parts/outward';
import { Reachability } from './parts/reachability';
import type { PolicyDocument } from './policy-document';
import { Resolver } from './resolver';
import { Resources } from './resources';
import type { Template } from './template';

/** The resource types that the class reads. */
const READ_TYPES: ReadonlySet<string> = new Set([
  aliases.ALIAS,
  aliases.ASYNC_CONFIG,
  aliases.VERSION,
  buckets.BUCKET,
  buckets.BUCKET_POLICY,
  databases.CLUSTER,
  endpoints.ENDPOINT,
  eventRules.RULE,
  eventSources.EVENT_SOURCE,
  functions.FUNCTION,
  httpApis.API,
  httpApis.INTEGRATION,
  httpApis.ROUTE,
  httpApis.STAGE,
  keys.KEY,
  keys.KEY_ALIAS,
  permissions.PERMISSION,
  policies.MANAGED_POLICY,
  policies.POLICY,
  policies.ROLE_POLICY,
  restorePlans.RESTORE_PLAN,
  roles.ROLE,
  secrets.SECRET,
  secrets.SECRET_POLICY,
  stateMachines.STATE_MACHINE,
  storedParameters.STORED_PARAMETER,
  triggers.TRIGGER,
]);

/** A resource of a type that the class does not read. */
export interface Skipped {
  readonly type: string;
  readonly logicalId: string;
}

/**
 * Reads the parts of a template that a local deployment needs. Reads lazily: values that are read after a part was
 * created contain the names that `deployment.physical` then returns. All methods throw `TemplateError` with the file,
 * the logical id and the path.
 */
export class StackTemplate {
  readonly resolver: Resolver;
  readonly #resources: Resources;
  readonly #assets: Assets;

  constructor(template: Template, deployment: Deployment, assets = Assets.beside(template.file)) {
    this.resolver = new Resolver(template, deployment);
    this.#resources = new Resources(this.resolver);
    this.#assets = assets;
  }

  functions(): readonly functions.FunctionPart[] {
    return functions.readFunctions(this.#resources, this.#assets);
  }

  versions(): readonly aliases.VersionPart[] {
    return aliases.readVersions(this.#resources);
  }

  aliases(): readonly aliases.AliasPart[] {
    return aliases.readAliases(this.#resources);
  }

  /** Reads the retries and destinations of asynchronous invocations, by function and qualifier. */
  asyncConfigs(): readonly aliases.AsyncConfigPart[] {
    return aliases.readAsyncConfigs(this.#resources);
  }

  permissions(): readonly permissions.PermissionPart[] {
    return permissions.readPermissions(this.#resources);
  }

  /** Returns the resource policies of functions, versions and aliases, by ARN. */
  functionPolicies(): ReadonlyMap<string, PolicyDocument> {
    return permissions.resourcePolicies(this.permissions());
  }

  roles(): readonly roles.RolePart[] {
    return roles.readRoles(this.#resources);
  }

  /** Reads the policies that are resources; `roles` also reads those inside of a role. */
  policies(): readonly policies.PolicyPart[] {
    return policies.readPolicies(this.#resources);
  }

  keys(): readonly keys.KeyPart[] {
    return keys.readKeys(this.#resources);
  }

  keyAliases(): readonly keys.KeyAliasPart[] {
    return keys.readKeyAliases(this.#resources);
  }

  /** Reads the secrets, except those that RDS creates for clusters: see `databases`. */
  secrets(): readonly secrets.SecretPart[] {
    return secrets.readSecrets(this.#resources);
  }

  storedParameters(): readonly storedParameters.StoredParameterPart[] {
    return storedParameters.readStoredParameters(this.#resources);
  }

  endpoints(): readonly endpoints.EndpointPart[] {
    return endpoints.readEndpoints(this.#resources, this.functions());
  }

  databases(): readonly databases.DatabasePart[] {
    return databases.readDatabases(this.#resources);
  }

  databaseUsers(): readonly databases.DatabaseUserPart[] {
    return databases.readDatabaseUsers(this.roles());
  }

  httpApis(): readonly httpApis.HttpApiPart[] {
    return httpApis.readHttpApis(this.#resources);
  }

  eventRules(): readonly eventRules.EventRulePart[] {
    return eventRules.readEventRules(this.#resources);
  }

  buckets(): readonly buckets.BucketPart[] {
    return buckets.readBuckets(this.#resources);
  }

  stateMachines(): readonly stateMachines.StateMachinePart[] {
    return stateMachines.readStateMachines(this.#resources);
  }

  /** ARNs of restore testing plans */
  restorePlans(): readonly string[] {
    return restorePlans.readRestorePlans(this.#resources);
  }

  eventSources(): readonly eventSources.EventSourcePart[] {
    return eventSources.readEventSources(this.#resources);
  }

  /** Reads the functions that run in each deploy. */
  triggers(): readonly triggers.TriggerPart[] {
    return triggers.readTriggers(this.#resources);
  }

  /** Returns whether functions reach AWS services, by subnets, routes, endpoints and security groups. */
  reachability(): Reachability {
    return new Reachability(this.#resources, {
      functions: this.functions(),
      endpoints: this.endpoints(),
      roles: this.roles(),
    });
  }

  /** Returns the reason that a function's network doesn't reach a host outside AWS; undefined if it does. */
  outwardObstacle(part: functions.FunctionPart, destination: Destination): string | undefined {
    return outwardObstacle(part, destination, this.#resources);
  }

  /** Returns the resources that no method above reads, in the template's order: the emulator doesn't create them. */
  skipped(): readonly Skipped[] {
    return Object.entries(this.resolver.template.Resources)
      .filter(([logicalId, { Type }]) => !READ_TYPES.has(Type) && this.resolver.exists(logicalId))
      .filter(([logicalId]) => !this.#isLinked(logicalId))
      .map(([logicalId, { Type: type }]) => ({ type, logicalId }));
  }

  /** Returns the names in Parameter Store without a value that resources of these types use. */
  missingStored(): readonly MissingStored[] {
    return missingStored(this.resolver, READ_TYPES);
  }

  /** Returns the logical ids that end with this one after the name of a stack; the whole id if it exists. */
  idsOf(named: string): readonly string[] {
    const ids = Object.keys(this.resolver.template.Resources);
    return ids.includes(named) ? [named] : ids.filter((id) => id.endsWith(`/${named}`));
  }

  /** Returns whether a resource is a nested stack with linked resources. */
  #isLinked(logicalId: string): boolean {
    return Object.keys(this.resolver.template.Resources).some((id) => id.startsWith(`${logicalId}/`));
  }
}
