import * as v from 'valibot';
import { BODY_STORE } from '../../../lambda/contract/body-store';
import { type BodyStoreDescription, ELSEWHERE_ENV, type OtherKeyDescription } from '../../../lambda/contract/elsewhere';
import { OTHER_KEY } from '../../../lambda/contract/other-key';
import type { FunctionPart, StackTemplate } from '../../emulator/template';
import { type FunctionKey, isFunction } from '../functions';

/** What a function does with a key. */
export type Right = 'wrap' | 'unwrap';

/** A key outside AWS, and one function that uses it. */
export interface KeyUse<D = OtherKeyDescription> {
  readonly description: D;
  readonly right: Right;
  /** of the function */
  readonly roleArn: string;
}

/** What a function does with the keys of records. */
const RIGHTS: ReadonlyMap<FunctionKey, Right> = new Map([
  ['seal', 'wrap'],
  ['receive', 'wrap'],
  ['reseal', 'wrap'],
  ['unseal', 'unwrap'],
]);
/** The functions that also unwrap with keys that only open. The migration has their names, and calls none. */
const OPENING: readonly FunctionKey[] = ['unseal', 'reseal'];

/** A variable's value: other members than those of a description were refused at synth. */
const KEYS = v.pipe(v.string(), v.parseJson(), v.array(OTHER_KEY));

/** What a function does with bodies in a store. */
export type BodyRight = 'create' | 'read' | 'destroy' | 'list';

/** A body store, and one right of one function that uses it. */
export interface BodyUse<D = BodyStoreDescription> {
  readonly description: D;
  readonly right: BodyRight;
  /** of the function */
  readonly roleArn: string;
}

/** What a template's vault has elsewhere. */
export interface Uses {
  readonly keys: readonly KeyUse[];
  readonly bodies: readonly BodyUse[];
}

const BODY_RIGHTS: ReadonlyMap<FunctionKey, readonly BodyRight[]> = new Map([
  ['seal', ['create']],
  ['receive', ['create', 'destroy']],
  ['unseal', ['read']],
  ['revoke', ['destroy']],
  ['migrate', ['destroy', 'list']],
]);

const STORE = v.pipe(v.string(), v.parseJson(), BODY_STORE);

/** Returns the uses of a body store by the functions of a template's vault. */
export function bodyUses(template: StackTemplate): readonly BodyUse[] {
  return template.functions().flatMap((part) => {
    const [, rights = []] = [...BODY_RIGHTS].find(([key]) => isFunction(part, key)) ?? [];
    const description = bodyStoreOf(part);
    if (description === undefined) return [];
    return rights.map((right) => ({ description, right, roleArn: part.roleArn }));
  });
}

/** Returns the body store in a function's variables. */
export function bodyStoreOf({ environment }: Pick<FunctionPart, 'environment'>): BodyStoreDescription | undefined {
  const text = environment[ELSEWHERE_ENV.bodyStore];
  return text === undefined ? undefined : v.parse(STORE, text);
}

/** Returns the uses of a type of body store. */
export function bodiesOf<T extends BodyStoreDescription['type']>(
  uses: readonly BodyUse[],
  type: T,
): readonly BodyUse<Extract<BodyStoreDescription, { readonly type: T }>>[] {
  type Description = Extract<BodyStoreDescription, { readonly type: T }>;
  return uses.filter((use): use is BodyUse<Description> => use.description.type === type);
}

/** Returns the uses of keys outside AWS by the functions of a template's vault. */
export function keyUses(template: StackTemplate): readonly KeyUse[] {
  return template.functions().flatMap((part) => {
    const [, right] = [...RIGHTS].find(([key]) => isFunction(part, key)) ?? [];
    const opens = OPENING.some((key) => isFunction(part, key));
    const { roleArn } = part;
    return [
      ...(right === undefined ? [] : otherKeysOf(part).map((description) => ({ description, right, roleArn }))),
      ...(opens ? openingKeysOf(part).map((description) => ({ description, right: 'unwrap' as const, roleArn })) : []),
    ];
  });
}

type Variables = Pick<FunctionPart, 'environment'>;

/** Returns the keys outside AWS in a function's variables. */
export function otherKeysOf({ environment }: Variables): readonly OtherKeyDescription[] {
  return keysIn(environment[ELSEWHERE_ENV.otherKeys]);
}

/** Returns the keys outside AWS in a function's variables that only open: retiring ones, and for `reseal` the share key. */
export function openingKeysOf({ environment }: Variables): readonly OtherKeyDescription[] {
  return keysIn(environment[ELSEWHERE_ENV.openingKeys]);
}

const keysIn = (text: string | undefined): readonly OtherKeyDescription[] =>
  text === undefined ? [] : v.parse(KEYS, text);

/** Returns the uses of keys of these types. */
export function usesOf<T extends OtherKeyDescription['type']>(
  uses: readonly KeyUse[],
  ...types: readonly T[]
): readonly KeyUse<Extract<OtherKeyDescription, { readonly type: T }>>[] {
  type Description = Extract<OtherKeyDescription, { readonly type: T }>;
  const isOf = (use: KeyUse): use is KeyUse<Description> => types.some((type) => type === use.description.type);
  return uses.filter(isOf);
}
