/** The name or attribute that a resource has: a text, or a list of them for a few attributes. */
export type Value = string | readonly string[];

/**
 * What a resource that stands already is called: `Ref` has the empty attribute, `Fn::GetAtt` its own. Undefined where it
 * isn't made here: AWS's shape is taken then.
 */
export type Physical = (logicalId: string, attribute: string) => Value | undefined;

/** Where a template is taken to be deployed, and what it finds there. */
export interface Deployment {
  /** the stack's name */
  readonly stack: string;
  /** 12 digits */
  readonly account: string;
  readonly region: string;
  /** @default 'aws' */
  readonly partition?: string;
  /** @default - the region's `a`, `b` and `c` */
  readonly zones?: readonly string[];
  /** of the template's parameters, as texts; lists separated by commas @default - their defaults */
  readonly parameters?: Readonly<Record<string, string>>;
  /** the value that another stack exports under a name @default - no other stack */
  readonly imports?: (name: string) => string | undefined;
  /** the value of an output of another stack, by its logical id there @default - no other stack */
  readonly outputs?: (stack: string, output: string, region: string) => string | undefined;
  /** the value of a parameter of Parameter Store @default - it is empty */
  readonly stored?: (name: string) => string | undefined;
  /** @default - AWS's shapes throughout, always the same for one stack and logical id */
  readonly physical?: Physical;
}

/** `arn:PARTITION:SERVICE:REGION:ACCOUNT:RESOURCE` */
export function arn({ partition = 'aws', region, account }: Deployment, service: string, resource: string): string {
  return `arn:${partition}:${service}:${region}:${account}:${resource}`;
}

/** IAM's have no region. */
export function globalArn({ partition = 'aws', account }: Deployment, service: string, resource: string): string {
  return `arn:${partition}:${service}::${account}:${resource}`;
}

export function zonesOf({ zones, region }: Deployment): readonly string[] {
  return zones ?? ['a', 'b', 'c'].map((letter) => `${region}${letter}`);
}
