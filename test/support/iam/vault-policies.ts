import type { Template } from 'aws-cdk-lib/assertions';
import { ACCOUNT, arn, REGION } from './physical';
import { listOf, type PolicyDocument, type PolicyStatement, readDocument, VERSION } from './document';
import { ResolvedTemplate } from './resolver';

/** Policies of AWS's own that templates name, as far as they bear on a vault: this one writes logs alone. */
const AWS_MANAGED: Readonly<Record<string, PolicyDocument>> = {
  'arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole': {
    Version: VERSION,
    Statement: [
      {
        Effect: 'Allow',
        Action: ['logs:CreateLogGroup', 'logs:CreateLogStream', 'logs:PutLogEvents'],
        Resource: '*',
      },
    ],
  },
};

/** Every policy that a vault's template deploys, by what it is attached to. */
export class VaultPolicies {
  private readonly template: ResolvedTemplate;

  constructor(
    template: Template,
    public readonly stack: string,
    public readonly environment: string,
  ) {
    this.template = new ResolvedTemplate(template, stack);
  }

  /** The ARN of the key whose id in the template begins so. */
  public keyArn(prefix: string): string {
    return this.template.reference(only(this.template.idsOf('AWS::KMS::Key'), prefix), 'Arn');
  }

  public keyPolicy(keyArn: string): PolicyDocument {
    const id = this.find('AWS::KMS::Key', (key) => this.template.reference(key, 'Arn') === keyArn, keyArn);
    return readDocument(this.template.property(id, 'KeyPolicy'), id);
  }

  /** Tags of a key, as condition keys. */
  public keyTags(keyArn: string): Readonly<Record<string, string>> {
    return this.tags(this.find('AWS::KMS::Key', (key) => this.template.reference(key, 'Arn') === keyArn, keyArn));
  }

  /** Tags of the signing secret, likewise. */
  public signingSecretTags(): Readonly<Record<string, string>> {
    return this.tags(only(this.template.idsOf('AWS::SecretsManager::Secret'), ''));
  }

  private tags(id: string): Readonly<Record<string, string>> {
    const tags = listOf(this.template.property(id, 'Tags')) as readonly {
      readonly Key: string;
      readonly Value: string;
    }[];
    return Object.fromEntries(tags.map(({ Key, Value }) => [`aws:ResourceTag/${Key}`, Value]));
  }

  /** Names of all functions of the template, the vault's own and CDK's helpers. */
  public functionNames(): readonly string[] {
    return this.template.idsOf('AWS::Lambda::Function').map((id) => this.template.reference(id));
  }

  public roleOfFunction(name: string): string {
    const id = this.find('AWS::Lambda::Function', (fn) => this.template.reference(fn) === name, name);
    return String(this.template.property(id, 'Role'));
  }

  /** The ARN of the role whose id in the template begins so. */
  public roleArn(prefix: string): string {
    return this.template.reference(only(this.template.idsOf('AWS::IAM::Role'), prefix), 'Arn');
  }

  public roleArns(): readonly string[] {
    return this.template.idsOf('AWS::IAM::Role').map((id) => this.template.reference(id, 'Arn'));
  }

  /** What allows a role anything: its own policies, those that name it, and AWS's that it names. */
  public identityPolicies(roleArn: string): readonly PolicyDocument[] {
    const id = this.role(roleArn);
    const name = this.template.reference(id);
    const attached = ['AWS::IAM::Policy', 'AWS::IAM::ManagedPolicy'].flatMap((type) =>
      this.template
        .idsOf(type)
        .filter((policy) => listOf(this.template.property(policy, 'Roles')).includes(name))
        .map((policy) => readDocument(this.template.property(policy, 'PolicyDocument'), policy)),
    );
    const inline = listOf(this.template.property(id, 'Policies')).map((policy) =>
      readDocument((policy as { readonly PolicyDocument?: unknown }).PolicyDocument, id),
    );
    return [...attached, ...inline, ...this.managed(id)];
  }

  /** The ARN of the managed policy whose id in the template begins so. */
  public managedPolicyArn(prefix: string): string {
    return this.template.reference(only(this.template.idsOf('AWS::IAM::ManagedPolicy'), prefix));
  }

  /** Who may take a role on. */
  public trustPolicy(roleArn: string): PolicyDocument {
    return readDocument(this.template.property(this.role(roleArn), 'AssumeRolePolicyDocument'), roleArn);
  }

  /** What `AWS::Lambda::Permission`s write into functions' own policies; each holds for its alias alone. */
  public functionPolicy(): PolicyDocument | undefined {
    const statements = this.template.idsOf('AWS::Lambda::Permission').map((id): PolicyStatement => {
      const principal = String(this.template.property(id, 'Principal'));
      const source = this.template.property(id, 'SourceArn');
      return {
        Effect: 'Allow',
        Principal: principal.endsWith('.amazonaws.com') ? { Service: principal } : { AWS: principal },
        Action: String(this.template.property(id, 'Action')),
        Resource: String(this.template.property(id, 'FunctionName')),
        ...(typeof source === 'string' && { Condition: { ArnLike: { 'aws:SourceArn': source } } }),
      };
    });
    return statements.length > 0 ? { Version: VERSION, Statement: statements } : undefined;
  }

  /** The policy of the vault's endpoint for a service; undefined where it has none. */
  public endpointPolicy(service: string): PolicyDocument | undefined {
    const name = `com.amazonaws.${REGION}.${service}`;
    const id = this.template
      .idsOf('AWS::EC2::VPCEndpoint')
      .find((endpoint) => this.template.property(endpoint, 'ServiceName') === name);
    if (id === undefined) return undefined;
    const document = readDocument(this.template.property(id, 'PolicyDocument'), id);
    return { ...document, Statement: document.Statement.map(everyone) };
  }

  /** The vault's own network. */
  public network(): string {
    return this.template.reference(only(this.template.idsOf('AWS::EC2::VPC'), ''));
  }

  public masterSecret(): string {
    return this.template.reference(only(this.template.idsOf('AWS::RDS::DBCluster'), ''), 'MasterUserSecret.SecretArn');
  }

  public signingSecret(): string {
    return this.template.reference(only(this.template.idsOf('AWS::SecretsManager::Secret'), ''));
  }

  public cluster(): string {
    return arn('rds', `cluster:${this.template.reference(only(this.template.idsOf('AWS::RDS::DBCluster'), ''))}`);
  }

  public databaseUser(user: string): string {
    const cluster = this.template.reference(
      only(this.template.idsOf('AWS::RDS::DBCluster'), ''),
      'DBClusterResourceId',
    );
    return arn('rds-db', `dbuser:${cluster}/${user}`);
  }

  private role(roleArn: string): string {
    return this.find('AWS::IAM::Role', (id) => this.template.reference(id, 'Arn') === roleArn, roleArn);
  }

  private managed(roleId: string): readonly PolicyDocument[] {
    return listOf(this.template.property(roleId, 'ManagedPolicyArns')).map((policyArn) => {
      const document = AWS_MANAGED[String(policyArn)];
      if (!document)
        throw new Error(`${roleId}: expected a policy of AWS's that is written down here, got ${String(policyArn)}`);
      return document;
    });
  }

  private find(type: string, matches: (id: string) => boolean, what: string): string {
    const id = this.template.idsOf(type).find(matches);
    if (id === undefined) throw new Error(`expected one ${type} that is ${what}, got none`);
    return id;
  }
}

/** The account that the template's resources belong to. */
export const OWNER = ACCOUNT;

/** The two spellings of everyone are one to AWS; the simulator's check of endpoint policies takes the short one alone. */
function everyone(statement: PolicyStatement): PolicyStatement {
  const spelled = JSON.stringify(statement.Principal) === JSON.stringify({ AWS: '*' });
  return spelled ? { ...statement, Principal: '*' } : statement;
}

function only(ids: readonly string[], prefix: string): string {
  const [id, ...others] = ids.filter((candidate) => candidate.startsWith(prefix));
  if (id === undefined || others.length > 0) {
    throw new Error(
      `expected one resource ${prefix}…, got ${others.length === 0 ? 'none' : [id, ...others].join(', ')}`,
    );
  }
  return id;
}
