import type { Template } from 'aws-cdk-lib/assertions';
import { ACCOUNT, physical, REGION, type Resource } from './physical';

const PSEUDO: Readonly<Record<string, string>> = {
  'AWS::AccountId': ACCOUNT,
  'AWS::Partition': 'aws',
  'AWS::Region': REGION,
  'AWS::URLSuffix': 'amazonaws.com',
};

/** What a resource may be called by the template; `physical` needs no other property. */
const OWN_NAMES: ReadonlySet<string> = new Set([
  'DBClusterIdentifier',
  'FunctionName',
  'LogGroupName',
  'ManagedPolicyName',
  'Name',
  'RoleName',
  'TopicName',
]);

interface Raw {
  readonly Type: string;
  readonly Properties?: Readonly<Record<string, unknown>>;
}

/**
 * A template as it would stand deployed: `Ref`, `Fn::GetAtt`, `Fn::Sub`, `Fn::Join` and pseudo parameters become what
 * AWS would put there. Throws on any other intrinsic: a policy that is half resolved would match nothing, and a deny
 * for that reason proves nothing.
 */
export class ResolvedTemplate {
  private readonly raw: Readonly<Record<string, Raw>>;

  constructor(
    template: Template,
    private readonly stack: string,
  ) {
    this.raw = (template.toJSON() as { readonly Resources: Readonly<Record<string, Raw>> }).Resources;
  }

  /** The ids of the resources of a type, in the template's order. */
  public idsOf(type: string): readonly string[] {
    return Object.keys(this.raw).filter((id) => this.raw[id]?.Type === type);
  }

  /** One property, resolved; undefined where it isn't set. */
  public property(id: string, name: string): unknown {
    return this.resolve(this.find(id).Properties?.[name]);
  }

  /** What `Ref` gives, or `Fn::GetAtt` with an attribute. */
  public reference(id: string, attribute = ''): string {
    const { Type: type, Properties = {} } = this.find(id);
    // names alone make up references: resolving the other properties could go round in circles
    const properties = Object.fromEntries(
      Object.entries(Properties)
        .filter(([name]) => OWN_NAMES.has(name))
        .map(([name, value]) => [name, this.resolve(value)]),
    );
    return physical({ id, type, stack: this.stack, properties } satisfies Resource, attribute);
  }

  public resolve(value: unknown): unknown {
    if (Array.isArray(value)) return value.map((member) => this.resolve(member));
    if (typeof value !== 'object' || value === null) return value;
    const [[name, argument] = ['', undefined], ...others] = Object.entries(value) as [string, unknown][];
    if (others.length === 0 && (name === 'Ref' || name.startsWith('Fn::'))) return this.intrinsic(name, argument);
    return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, this.resolve(member)]));
  }

  private intrinsic(name: string, argument: unknown): string {
    if (name === 'Ref' && typeof argument === 'string') return PSEUDO[argument] ?? this.reference(argument);
    if (name === 'Fn::GetAtt' && Array.isArray(argument)) return this.reference(text(argument[0]), text(argument[1]));
    if (name === 'Fn::Join' && Array.isArray(argument)) {
      const parts = this.resolve(argument[1]);
      if (Array.isArray(parts)) return parts.map(text).join(text(argument[0]));
    }
    if (name === 'Fn::Sub' && typeof argument === 'string') {
      return argument.replace(/\$\{([^.}]+)(?:\.([^}]+))?\}/g, (_, id: string, attribute?: string) =>
        attribute === undefined ? this.intrinsic('Ref', id) : this.reference(id, attribute),
      );
    }
    throw new Error(`expected Ref, Fn::GetAtt, Fn::Sub or Fn::Join, got ${JSON.stringify({ [name]: argument })}`);
  }

  private find(id: string): Raw {
    const resource = this.raw[id];
    if (!resource) throw new Error(`expected a resource of the template, got ${id}`);
    return resource;
  }
}

function text(value: unknown): string {
  if (typeof value !== 'string') throw new Error(`expected a text, got ${JSON.stringify(value)}`);
  return value;
}
