import * as v from 'valibot';
import { AwsError } from './errors';
import { readInput, seconds } from './shape';

/** What the list says of a secret; the times are texts in ISO 8601. */
interface ListedSecret {
  readonly arn: string;
  readonly name: string;
  readonly description?: string | undefined;
  readonly createdAt?: string | undefined;
  readonly deletedAt?: string | undefined;
}

const LIST = v.strictObject({
  MaxResults: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(100)), 100),
  NextToken: v.optional(v.string()),
  IncludePlannedDeletion: v.optional(v.boolean(), false),
  Filters: v.optional(
    v.pipe(
      v.array(v.strictObject({ Key: v.literal('name'), Values: v.pipe(v.array(v.string()), v.length(1)) })),
      v.maxLength(1),
    ),
    [],
  ),
});

/** Responds to ListSecrets: a page, the newest first. Of the filters it knows that by the start of a name. */
export function listSecrets(secrets: readonly ListedSecret[], input: unknown): object {
  const { MaxResults, NextToken = '0', IncludePlannedDeletion, Filters } = readInput(LIST, input);
  if (!/^\d{1,9}$/.test(NextToken)) throw new AwsError('InvalidNextTokenException', 'The NextToken value is invalid.');
  const prefix = Filters[0]?.Values[0] ?? '';
  const found = secrets
    .filter(({ name, deletedAt }) => name.startsWith(prefix) && (IncludePlannedDeletion || deletedAt === undefined))
    .toReversed();
  const end = Number(NextToken) + MaxResults;
  const page = found.slice(Number(NextToken), end);
  return {
    SecretList: page.map(({ arn, name, description, createdAt }) => ({
      ARN: arn,
      Name: name,
      Description: description,
      CreatedDate: createdAt === undefined ? undefined : seconds(new Date(createdAt)),
    })),
    NextToken: end < found.length ? String(end) : undefined,
  };
}
