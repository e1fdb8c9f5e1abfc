import { KMSClient } from '@aws-sdk/client-kms';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import * as kms from '@aws-sdk/client-kms';
import * as lambda from '@aws-sdk/client-lambda';
import * as secretsManager from '@aws-sdk/client-secrets-manager';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TrailEntry } from '../../../local/emulator/deploy/trail';
import type { LocalVault } from '../../../local/vault';
import { endpointConfig } from '../../../local/vault/endpoint';
import { sql } from '../harness';
import type { AwsLine } from './aws-line';

/** An inline policy that `aws iam put-role-policy` added to a role. */
interface RolePolicy {
  readonly role: string;
  readonly name: string;
  readonly document: object;
}

/** The most calls of a function that run at once here. */
const CONCURRENCY = 10;

/**
 * The parts of an account that runbooks change beside the local vault's services. IAM's inline policies become a part of the
 * deployed template, so that the next call is decided with them.
 */
export class Account {
  readonly #policies: RolePolicy[] = [];
  /** what was reserved by hand, undefined for nothing: a deploy that doesn't change the template's number leaves it */
  readonly #concurrency = new Map<string, number | undefined>();

  constructor(
    private readonly vault: () => LocalVault,
    private readonly dataDir: () => string,
  ) {}

  /** Makes a call, and returns the response. Throws the service's error. */
  async call({ service, operation, input, profile }: AwsLine): Promise<object> {
    const credentials = profile === undefined ? undefined : this.vault().session(roleOf(this.vault(), profile));
    const config = endpointConfig(this.vault(), credentials && { credentials });
    switch (service) {
      case 'kms':
        return send(new KMSClient(config), kms, operation, input);
      case 'lambda':
        if (operation.endsWith('FunctionConcurrency')) return this.#reserve(operation, input);
        return send(new LambdaClient(config), lambda, operation, input);
      case 'secretsmanager':
        return send(new SecretsManagerClient(config), secretsManager, operation, input);
      case 'iam':
        return this.#iam(operation, input);
      case 'cloudformation':
        return this.#stack(operation, input);
      case 'rds':
        return this.#rds(operation, input);
      case 'cloudtrail':
        return this.#trail(operation, input);
      default:
        throw new Error(`expected a service that runs here, got ${service}`);
    }
  }

  /** Lets the following calls be decided with the added policies: a new deployment knows only its template. */
  applyPolicies(): void {
    const vault = this.vault();
    vault.decideWith((template) => {
      for (const { role, name, document } of this.#policies) {
        const { logicalId } = vault.template.roles().find((each) => each.name === role) ?? {};
        const properties = member(member(member(template, 'Resources'), logicalId ?? ''), 'Properties');
        const policies = (Reflect.get(properties, 'Policies') as object[] | undefined) ?? [];
        Reflect.set(properties, 'Policies', [...policies, { PolicyName: name, PolicyDocument: document }]);
      }
    });
  }

  /** Returns the reserved concurrency of a function, undefined for none. */
  reserved(name: string): number | undefined {
    if (this.#concurrency.has(name)) return this.#concurrency.get(name);
    return this.vault()
      .template.functions()
      .find((each) => each.name === name)?.reservedConcurrency;
  }

  /** Lets no more calls of a function run at once than `aws lambda put-function-concurrency` said. */
  async applyConcurrency(): Promise<void> {
    for (const [name, reserved] of this.#concurrency) await this.#limit(name, reserved);
  }

  async #reserve(operation: string, { FunctionName, ReservedConcurrentExecutions }: AwsLine['input']): Promise<object> {
    const name = String(FunctionName);
    if (!Object.values(this.vault().functions).includes(name)) throw named('ResourceNotFoundException', `Function not found: ${name}`); // prettier-ignore
    if (operation.startsWith('Get')) return { ReservedConcurrentExecutions: this.reserved(name) };
    const isRemoved = operation.startsWith('Delete');
    const reserved = isRemoved ? undefined : Number(ReservedConcurrentExecutions);
    this.#concurrency.set(name, reserved);
    await this.#limit(name, reserved);
    return isRemoved ? {} : { ReservedConcurrentExecutions };
  }

  async #limit(name: string, reserved: number | undefined): Promise<void> {
    await this.vault().lambda.updateFunction(name, {
      maxConcurrency: Math.min(reserved ?? CONCURRENCY, CONCURRENCY),
    });
  }

  /** Returns the template, which the command line prints as an object if it is JSON. */
  #stack(operation: string, { StackName }: AwsLine['input']): object {
    if (operation !== 'GetTemplate') throw new Error(`expected GetTemplate, got ${operation}`);
    if (StackName !== 'ShareVault-prod') throw named('ValidationError', `Stack with id ${String(StackName)} does not exist`); // prettier-ignore
    return { TemplateBody: this.vault().template.resolver.template };
  }

  #iam(operation: string, { RoleName: role, PolicyName: name, PolicyDocument }: AwsLine['input']): object {
    const roles = this.vault().template.roles();
    if (!roles.some((each) => each.name === role)) throw named('NoSuchEntity', `The role with name ${String(role)} cannot be found.`); // prettier-ignore
    const at = this.#policies.findIndex((each) => each.role === role && each.name === name);
    if (operation === 'DeleteRolePolicy' && at < 0) throw named('NoSuchEntity', `The role policy with name ${String(name)} cannot be found.`); // prettier-ignore
    if (at >= 0) this.#policies.splice(at, 1);
    if (operation === 'PutRolePolicy') {
      const document = JSON.parse(String(PolicyDocument)) as object;
      this.#policies.push({ role: String(role), name: String(name), document });
    }
    this.applyPolicies();
    return {};
  }

  async #rds(operation: string, input: AwsLine['input']): Promise<object> {
    const instances = instancesOf(this.vault());
    switch (operation) {
      case 'DescribeDBInstances':
        return { DBInstances: instances.map((DBInstanceIdentifier) => ({ DBInstanceIdentifier })) };
      case 'RebootDBInstance': {
        if (!instances.includes(String(input.DBInstanceIdentifier))) throw named('DBInstanceNotFound', 'no such instance'); // prettier-ignore
        // as by a reboot, every session ends
        const others = "backend_type = 'client backend' AND pid <> pg_backend_pid()";
        await sql(this.vault(), `SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE ${others}`);
        return { DBInstance: { DBInstanceStatus: 'rebooting' } };
      }
      default:
        throw new Error(`expected an operation of RDS that runs here, got ${operation}`);
    }
  }

  /** Returns the trail's calls in CloudTrail's form, as far as the runbooks read it. */
  #trail(operation: string, { LookupAttributes, StartTime }: AwsLine['input']): object {
    const [{ AttributeKey, AttributeValue } = {}] = LookupAttributes as Readonly<Record<string, string>>[];
    if (operation !== 'LookupEvents' || AttributeKey !== 'EventName')
      throw new Error('expected a look-up by EventName');
    if (!(StartTime instanceof Date) || Number.isNaN(StartTime.getTime())) throw new Error('expected a start time');
    // the file has those of former deploys too
    const lines = readFileSync(join(this.dataDir(), 'trail.jsonl'), 'utf8').trim().split('\n');
    const Events = lines
      .map((line) => JSON.parse(line) as TrailEntry)
      .filter(({ action, result }) => action === `kms:${AttributeValue ?? ''}` && result === 'ok')
      .filter(({ at }) => new Date(at) >= StartTime)
      .map(({ at, principal, encryptionContext, resource }) => ({
        CloudTrailEvent: JSON.stringify({
          ...{ eventTime: at, eventName: AttributeValue, userIdentity: { arn: principal } },
          requestParameters: { keyId: resource, encryptionContext },
        }),
      }));
    return { Events };
  }
}

/** Returns the identifiers of the database's instances. */
export function instancesOf({ template }: LocalVault): readonly string[] {
  const { resolver } = template;
  return Object.entries(resolver.template.Resources)
    .filter(([, { Type }]) => Type === 'AWS::RDS::DBInstance')
    .map(([logicalId]) => resolver.name(logicalId));
}

/** Returns the ARN of the role that a profile of the pages assumes. */
function roleOf({ template }: LocalVault, profile: string): string {
  const role = template.roles().find(({ logicalId }) => /^EmergencyStopRole[0-9A-F]{8}$/.test(logicalId));
  if (profile !== 'emergency-stop' || role === undefined) throw new Error(`expected a profile of the pages, got ${profile}`); // prettier-ignore
  return role.arn;
}

interface Sender {
  send(command: never): Promise<object>;
  destroy(): void;
}

async function send(client: Sender, module: object, operation: string, input: AwsLine['input']): Promise<object> {
  const Command = Reflect.get(module, `${operation}Command`) as new (input: object) => never;
  try {
    return await client.send(new Command(input));
  } finally {
    client.destroy();
  }
}

function member(value: object, name: string): object {
  const found: unknown = Reflect.get(value, name);
  if (typeof found === 'object' && found !== null) return found;
  throw new Error(`expected ${name} in the template, got none`);
}

function named(name: string, message: string): Error {
  return Object.assign(new Error(message), { name });
}
