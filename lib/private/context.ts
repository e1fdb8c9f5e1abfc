import { FIELDS as FIELD_OF_MATERIAL } from '../../lambda/contract/kinds';

export { CONTEXT_NAMES as CONTEXT_KEYS } from '../../lambda/contract/kinds';

/** Values of `field`: one for each material. */
export const FIELDS: readonly string[] = Object.values(FIELD_OF_MATERIAL).sort();
