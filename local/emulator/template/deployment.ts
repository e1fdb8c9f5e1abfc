/** The name or attribute of a resource: a string, or a list of strings for a few attributes. */
export type Value = string | readonly string[];

/**
 * Returns the name or attribute of a resource that already exists; the empty attribute means `Ref`. Returns undefined
 * if the resource does not exist here: it then gets a name in AWS's shape.
 */
export type Physical = (logicalId: string, attribute: string) => Value | undefined;

/** The stack that a resource comes from, and its logical id there. */
export interface Origin {
  readonly stack: string;
  readonly id: string;
}

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
  /** origins of linked resources, by logical id @default - the template's own stack and logical ids */
  readonly origins?: ReadonlyMap<string, Origin>;
  /** returns the value of a parameter in Parameter Store that no stack publishes @default - none exists */
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
