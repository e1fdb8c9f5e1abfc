import { Assets } from './assets';
import type { Deployment } from './deployment';
import * as aliases from './parts/aliases';
import * as databases from './parts/databases';
import * as endpoints from './parts/endpoints';
import * as eventRules from './parts/event-rules';
import * as eventSources from './parts/event-sources';
import * as functions from './parts/functions';
import * as httpApis from './parts/http-apis';
import * as keys from './parts/keys';
import * as nestedStacks from './parts/nested-stacks';
import * as permissions from './parts/permissions';
import * as policies from './parts/policies';
import * as roles from './parts/roles';
import * as secrets from './parts/secrets';
import * as storedParameters from './parts/stored-parameters';
import * as triggers from './parts/triggers';
import { Ways } from './parts/ways';
import type { PolicyDocument } from './policy-document';
import { Resolver } from './resolver';
import { Resources } from './resources';
import { readTemplate, type Template } from './template';

/** The types that some reader below reads. */
const READ: ReadonlySet<string> = new Set([
  aliases.ALIAS,
  aliases.ASYNC,
  aliases.VERSION,
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
  nestedStacks.NESTED_STACK,
  permissions.PERMISSION,
  policies.MANAGED_POLICY,
  policies.POLICY,
  policies.ROLE_POLICY,
  roles.ROLE,
  secrets.SECRET,
  secrets.SECRET_POLICY,
  storedParameters.STORED_PARAMETER,
  triggers.TRIGGER,
]);

/** A resource that no reader reads. */
export interface Skipped {
  readonly type: string;
  readonly logicalId: string;
}

/**
 * What a local deployment needs to know of a template, a vault's own or one that a vault was composed into. Everything is
 * read when it is asked for: what is asked for after a part was made speaks of that part by the names that
 * `deployment.physical` then gives. All methods throw `TemplateError`, which names the file, the logical id and the path.
 */
export class StackTemplate {
  readonly resolver: Resolver;
  readonly #resources: Resources;
  readonly #assets: Assets;
  /** by file: a parent reads a nested stack's for each of its outputs */
  readonly #nestedTemplates = new Map<string, Template>();

  /** @param assets a nested template's are with its parent's */
  constructor(template: Template, deployment: Deployment, assets = new Assets(template.file)) {
    const physical = (id: string, attribute: string) =>
      deployment.physical?.(id, attribute) ?? this.#nestedOutput(id, attribute);
    this.resolver = new Resolver(template, { ...deployment, physical });
    this.#resources = new Resources(this.resolver);
    this.#assets = assets;
  }

  /** @param file as `cdk synth` wrote it, its assets beside it */
  static open(file: string, deployment: Deployment): StackTemplate {
    return new StackTemplate(readTemplate(file), deployment);
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

  /** What becomes of invocations that nobody waits for, by function and qualifier. */
  asyncs(): readonly aliases.AsyncPart[] {
    return aliases.readAsyncs(this.#resources);
  }

  permissions(): readonly permissions.PermissionPart[] {
    return permissions.readPermissions(this.#resources);
  }

  /** The policies of functions and aliases, by the ARN that each holds for. */
  functionPolicies(): ReadonlyMap<string, PolicyDocument> {
    return permissions.resourcePolicies(this.permissions());
  }

  roles(): readonly roles.RolePart[] {
    return roles.readRoles(this.#resources);
  }

  /** Those that stand by themselves; a role's own policies are with the role. */
  policies(): readonly policies.PolicyPart[] {
    return policies.readPolicies(this.#resources);
  }

  keys(): readonly keys.KeyPart[] {
    return keys.readKeys(this.#resources);
  }

  keyAliases(): readonly keys.KeyAliasPart[] {
    return keys.readKeyAliases(this.#resources);
  }

  /** Without the one that RDS keeps for a cluster's master: see `databases`. */
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

  eventSources(): readonly eventSources.EventSourcePart[] {
    return eventSources.readEventSources(this.#resources);
  }

  /** What runs in each deploy. */
  triggers(): readonly triggers.TriggerPart[] {
    return triggers.readTriggers(this.#resources);
  }

  /** The ways of its functions to AWS services, by its subnets, routes, endpoints and security groups. */
  ways(): Ways {
    return new Ways(this.#resources, { functions: this.functions(), endpoints: this.endpoints(), roles: this.roles() });
  }

  nestedStacks(): readonly nestedStacks.NestedStackPart[] {
    return nestedStacks.readNestedStacks(this.#resources, this.#assets);
  }

  /** The template of a nested stack, deployed as `nestedDeployment` says. */
  nested(part: nestedStacks.NestedStackPart): StackTemplate {
    const deployment = nestedStacks.nestedDeployment(this.resolver.deployment, part);
    const template = this.#nestedTemplates.get(part.file) ?? readTemplate(part.file);
    this.#nestedTemplates.set(part.file, template);
    return new StackTemplate(template, deployment, this.#assets);
  }

  /** All that none of the methods above reads, in the template's order: none of it is made here. */
  skipped(): readonly Skipped[] {
    return Object.entries(this.resolver.template.Resources)
      .filter(([logicalId, { Type }]) => !READ.has(Type) && this.resolver.exists(logicalId))
      .map(([logicalId, { Type: type }]) => ({ type, logicalId }));
  }

  /** What a parent reads from a nested stack: `Outputs.NAME`. */
  #nestedOutput(id: string, attribute: string): string | undefined {
    const [, output] = /^Outputs\.(.+)$/.exec(attribute) ?? [];
    if (output === undefined || this.resolver.template.Resources[id]?.Type !== nestedStacks.NESTED_STACK)
      return undefined;
    const part = nestedStacks.readNestedStack(id, this.#resources, this.#assets);
    const value = this.nested(part).resolver.output(output);
    return typeof value === 'string' ? value : undefined;
  }
}
