/** What API.md needs of a jsii assembly (the JSON in `.jsii`). */
export interface Assembly {
  readonly types: Readonly<Record<string, Type>>;
}

interface Documented {
  readonly name: string;
  readonly docs?: { readonly summary?: string; readonly remarks?: string; readonly default?: string };
}

export interface Type extends Documented {
  readonly kind: 'class' | 'interface' | 'enum';
  /** an interface of values: props */
  readonly datatype?: boolean;
  readonly base?: string;
  readonly interfaces?: readonly string[];
  readonly initializer?: { readonly parameters?: readonly Parameter[] };
  readonly properties?: readonly Member[];
  readonly methods?: readonly Member[];
  /** of an enum */
  readonly members?: readonly Documented[];
}

export interface Member extends Documented {
  readonly static?: boolean;
  readonly optional?: boolean;
  /** of a property */
  readonly type?: TypeReference;
  /** of a method */
  readonly parameters?: readonly Parameter[];
  readonly returns?: { readonly type: TypeReference };
}

export interface Parameter extends Documented {
  readonly type: TypeReference;
  readonly optional?: boolean;
  readonly variadic?: boolean;
}

export interface TypeReference {
  readonly primitive?: string;
  readonly fqn?: string;
  readonly collection?: { readonly kind: 'array' | 'map'; readonly elementtype: TypeReference };
  readonly union?: { readonly types: readonly TypeReference[] };
}
