/** Markup that may be written as it is. Only `markup` makes it. */
export class Html {
  private constructor(public readonly text: string) {}

  /** Trusts a text of this program. Never call it with a text of a template. */
  static trusted(text: string): Html {
    return new Html(text);
  }
}

type Part = Html | string | number | undefined | readonly Part[];

/** Makes markup of a template literal. Every value is escaped, unless it is markup itself. */
export function markup(literals: TemplateStringsArray, ...values: readonly Part[]): Html {
  const written = literals.map((literal, index) => literal + textOf(values[index]));
  return Html.trusted(written.join(''));
}

function textOf(value: Part): string {
  if (value === undefined) return '';
  if (value instanceof Html) return value.text;
  return typeof value === 'object' ? value.map(textOf).join('') : escapeText(String(value));
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Escapes a text for content and quoted attributes, and shows what would be invisible or turn the text round. */
export function escapeText(text: string): string {
  return text
    .replace(/[&<>"']/g, (character) => ENTITIES[character] ?? '')
    .replace(
      /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}]/gu,
      (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`,
    );
}
