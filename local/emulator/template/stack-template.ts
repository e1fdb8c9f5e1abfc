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
import { Reachability } from './parts/reachability';
import type { PolicyDocument } from './policy-document';
import { Resolver } from './resolver';
import { Resources } from './resources';
import { readTemplate, type Template } from './template';

/** The resource types that the class reads. */
const READ_TYPES: ReadonlySet<string> = new Set([
  aliases.ALIAS,
  aliases.ASYNC_CONFIG,
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
  /** cached by file, since a parent resolves each output separately */
  readonly #nestedTemplates = new Map<string, Template>();

  /** @param assets for a nested template, its parent's assets */
  constructor(template: Template, deployment: Deployment, assets = new Assets(template.file)) {
    const physical = (id: string, attribute: string) =>
      deployment.physical?.(id, attribute) ?? this.#nestedOutput(id, attribute);
    this.resolver = new Resolver(template, { ...deployment, physical });
    this.#resources = new Resources(this.resolver);
    this.#assets = assets;
  }

  /** Reads a template from a file of `cdk synth`'s output folder. */
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

  nestedStacks(): readonly nestedStacks.NestedStackPart[] {
    return nestedStacks.readNestedStacks(this.#resources, this.#assets);
  }

  /** Returns the template of a nested stack, with the deployment of `nestedDeployment`. */
  nested(part: nestedStacks.NestedStackPart): StackTemplate {
    const deployment = nestedStacks.nestedDeployment(this.resolver.deployment, part);
    const template = this.#nestedTemplates.get(part.file) ?? readTemplate(part.file);
    this.#nestedTemplates.set(part.file, template);
    return new StackTemplate(template, deployment, this.#assets);
  }

  /** Returns the resources that no method above reads, in the template's order: the emulator doesn't create them. */
  skipped(): readonly Skipped[] {
    return Object.entries(this.resolver.template.Resources)
      .filter(([logicalId, { Type }]) => !READ_TYPES.has(Type) && this.resolver.exists(logicalId))
      .map(([logicalId, { Type: type }]) => ({ type, logicalId }));
  }

  /** Returns the value of the attribute `Outputs.NAME` of a nested stack; undefined for others. */
  #nestedOutput(id: string, attribute: string): string | undefined {
    const [, output] = /^Outputs\.(.+)$/.exec(attribute) ?? [];
    if (output === undefined || this.resolver.template.Resources[id]?.Type !== nestedStacks.NESTED_STACK)
      return undefined;
    const part = nestedStacks.readNestedStack(id, this.#resources, this.#assets);
    const value = this.nested(part).resolver.output(output);
    return typeof value === 'string' ? value : undefined;
  }
}
