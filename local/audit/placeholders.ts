export const PLACEHOLDER = /\{([a-zA-Z]+)\}/g;

/** A named part of a text or a path that differs from vault to vault. */
export interface PlaceholderData {
  /** A regular expression for a text. */
  readonly pattern?: string;
  /** The least and the greatest number. */
  readonly number?: readonly [number, number];
  /** Whether its values name things that the vault does not make itself. */
  readonly external?: boolean;
  /** The type of the template's own resource that such a reference may name, or `Parameter` for one without a default. */
  readonly type?: string;
  /** The same expression in a logical id, with letters and digits only. */
  readonly squeezed?: string;
  /** Whether each occurrence may have a value of its own. */
  readonly free?: boolean;
  /** The placeholder with the milliseconds that these whole seconds exceed. */
  readonly secondsAbove?: string;
  /** The placeholder that this number is a multiple of. */
  readonly times?: { readonly of: string; readonly by: number };
  /** Whether no two resources may have one value. */
  readonly distinct?: boolean;
  /** The placeholder of the resource: for each of its values, this one has one value. */
  readonly per?: string;
  /** The resource that has the value for certain. */
  readonly from?: { readonly role: string; readonly at: readonly string[] };
  readonly why: string;
}

/** The placeholders of the allow-list by name. */
export class Placeholders {
  readonly #data: Readonly<Record<string, PlaceholderData>>;

  constructor(data: Readonly<Record<string, PlaceholderData>>) {
    this.#data = data;
  }

  has(name: string): boolean {
    return Object.hasOwn(this.#data, name);
  }

  get(name: string): PlaceholderData {
    const data = this.#data[name];
    if (data === undefined) throw new Error(`expected the name of a placeholder, got ${name}`);
    return data;
  }

  /** Returns the placeholders with values that one resource has for certain. */
  sources(): readonly (readonly [string, PlaceholderData])[] {
    return Object.entries(this.#data).filter(([, { from }]) => from !== undefined);
  }

  pattern(name: string): string {
    const { pattern, number } = this.get(name);
    return pattern ?? (number ? '\\d+(?:\\.\\d+)?' : '[^\\u0000]*');
  }

  squeezed(name: string): string {
    return this.get(name).squeezed ?? '[A-Za-z0-9]+';
  }

  /** Returns the placeholders with more texts for one of them. */
  accepting(name: string, texts: readonly string[]): Placeholders {
    const pattern = [this.pattern(name), ...texts.map(escapeRegExp)].join('|');
    return new Placeholders({ ...this.#data, [name]: { ...this.get(name), pattern } });
  }

  /** Returns whether a number lies in the placeholder's range, and a text fits its expression. */
  accepts(name: string, text: string): boolean {
    const { number } = this.get(name);
    if (!new RegExp(`^(?:${this.pattern(name)})$`).test(text)) return false;
    return number === undefined || (Number(text) >= number[0] && Number(text) <= number[1]);
  }

  /** Returns the names in a text, in order. */
  in(text: string): readonly string[] {
    return [...text.matchAll(PLACEHOLDER)].map(([, name = '']) => name).filter((name) => this.has(name));
  }

  /** Returns a text's value for each placeholder of a pattern, undefined if the text does not fit. */
  read(pattern: string, text: string): readonly (readonly [name: string, value: string])[] | undefined {
    const names = this.in(pattern);
    const match = names.length === 0 ? null : this.#expression(pattern).exec(text);
    return match ? names.map((name, i) => [name, match[i + 1] ?? ''] as const) : undefined;
  }

  #expression(pattern: string): RegExp {
    const parts = pattern.split(/(\{[a-zA-Z]+\})/).map((part) => {
      const name = part.slice(1, -1);
      return /^\{[a-zA-Z]+\}$/.test(part) && this.has(name) ? `(${this.pattern(name)})` : escapeRegExp(part);
    });
    return new RegExp(`^${parts.join('')}$`);
  }
}

export function escapeRegExp(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\/-]/g, '\\$&');
}
