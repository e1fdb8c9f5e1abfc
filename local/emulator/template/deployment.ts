/** The name or attribute of a resource: a string, or a list of strings for a few attributes. */
export type Value = string | readonly string[];

/**
 * Returns the name or attribute of a resource that already exists; the empty attribute means `Ref`. Returns undefined
 * if the resource does not exist here: it then gets a name in AWS's shape.
 */
export type Physical = (logicalId: string, attribute: string) => Value | undefined;

/** The account and region that a template is deployed to, and the values that it refers to there. */
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
  /** values of the template's parameters, lists separated by commas @default - the parameters' defaults */
  readonly parameters?: Readonly<Record<string, string>>;
  /** returns the value that another stack exports under a name @default - no other stack exists */
  readonly imports?: (name: string) => string | undefined;
  /** returns an output of another stack, by the output's logical id @default - no other stack exists */
  readonly outputs?: (stack: string, output: string, region: string) => string | undefined;
  /** returns the value of a parameter in Parameter Store @default - Parameter Store is empty */
  readonly stored?: (name: string) => string | undefined;
  /** @default - names in AWS's shapes, always the same for one stack and logical id */
  readonly physical?: Physical;
}

/** Returns `arn:PARTITION:SERVICE:REGION:ACCOUNT:RESOURCE`. */
export function arn({ partition = 'aws', region, account }: Deployment, service: string, resource: string): string {
  return `arn:${partition}:${service}:${region}:${account}:${resource}`;
}

/** Returns an ARN without a region, as IAM's are. */
export function globalArn({ partition = 'aws', account }: Deployment, service: string, resource: string): string {
  return `arn:${partition}:${service}::${account}:${resource}`;
}

export function zonesOf({ zones, region }: Deployment): readonly string[] {
  return zones ?? ['a', 'b', 'c'].map((letter) => `${region}${letter}`);
}
