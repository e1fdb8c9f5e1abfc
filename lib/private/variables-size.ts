import type * as lambda from 'aws-cdk-lib/aws-lambda';
import { render } from './final-template';

/** Lambda's quota for the variables of one function in bytes, measured over their JSON. */
const MOST_BYTES = 4_096;
/** Length that exceeds any ARN or host name in a vault's variable. */
const BYTES_OF_A_REFERENCE = 160;

/** Checks at synth that a function's variables fit into Lambda's quota, from all sources. */
export function guardVariables(fn: lambda.Function): void {
  fn.node.addValidation({
    validate: () => {
      const { Properties } = render(fn.node.defaultChild as lambda.CfnFunction);
      const environment = Properties?.Environment as { readonly Variables?: object } | undefined;
      const bytes = Buffer.byteLength(JSON.stringify(flatten(environment?.Variables ?? {})));
      if (bytes <= MOST_BYTES) return [];
      return [`expected environment variables of at most ${MOST_BYTES} bytes in total, got about ${bytes}`];
    },
  });
}

/** Returns the text of a value: joins are joined, and any other reference counts as a long text. */
function flatten(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  const [[key, inner] = []] = Object.entries(value);
  if (key === 'Fn::Join' && Array.isArray(inner)) return (inner[1] as unknown[]).map(flatten).join(String(inner[0]));
  if (Object.keys(value).length === 1 && key !== undefined && (key === 'Ref' || key.startsWith('Fn::'))) {
    return 'x'.repeat(BYTES_OF_A_REFERENCE);
  }
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, flatten(member)]));
}
