import * as v from 'valibot';
import { readInput } from '../shape';
import { KEY_ID, type Operations } from './operation';

const LIST = v.strictObject({
  KeyId: v.optional(KEY_ID),
  Limit: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(100)), 50),
  Marker: v.optional(v.string()),
});

/** Operations on aliases. A deployment creates them; there are none of AWS's own. */
export const aliasOperations: Operations = {
  ListAliases(input, store) {
    const { KeyId, Limit, Marker = '' } = readInput(LIST, input);
    const of = KeyId === undefined ? undefined : store.find(KeyId).id;
    const rest = store
      .aliases()
      .filter(({ name, key }) => name > Marker && (of === undefined || key.id === of))
      .sort((one, other) => (one.name < other.name ? -1 : 1));
    const page = rest.slice(0, Limit);
    const Truncated = page.length < rest.length;
    return {
      Aliases: page.map(({ name, arn, key, since }) => ({
        AliasName: name,
        AliasArn: arn,
        TargetKeyId: key.id,
        CreationDate: since.getTime() / 1_000,
        LastUpdatedDate: since.getTime() / 1_000,
      })),
      Truncated,
      NextMarker: Truncated ? page.at(-1)?.name : undefined,
    };
  },
};
