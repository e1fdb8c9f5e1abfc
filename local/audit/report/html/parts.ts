import type { VaultReport, Verdict } from '../schema';
import { type Html, markup } from './markup';

/** A vault of the page: ids of the page begin with its mark, since the names in a report may be anything. */
export interface Shown {
  readonly vault: VaultReport;
  readonly mark: string;
}

/** Returns a verdict as a label: its text says what its colour does. */
export function verdictLabel(verdict: Verdict): Html {
  return markup`<span class="verdict ${verdict.split(' ')[0]}">${verdict}</span>`;
}

/** Returns links to statements of the vault, by their names. */
export function statementLinks({ vault, mark }: Shown, ids: readonly string[]): Html {
  const known = new Map(vault.access.statements.map((statement) => [statement.id, statement]));
  const links = ids.flatMap((id) => {
    const statement = known.get(id);
    if (statement === undefined) return [];
    return [markup`<a href="#${mark}-${id}">${statement.policy}/${statement.statement}</a> (${statement.kind})`];
  });
  return links.length === 0 ? markup`no statement` : joined(links, ', ');
}

/** Joins markup with a separator. */
export function joined(parts: readonly Html[], separator: string): Html {
  return markup`${parts.map((part, index) => (index === 0 ? part : markup`${separator}${part}`))}`;
}

/** Returns a wide part that scrolls by itself, also by the keyboard. */
export function scrolled(label: string, content: Html): Html {
  return markup`<div class="scroll" role="region" tabindex="0" aria-label="${label}">${content}</div>`;
}

/** Returns a table, whose rows are blocks on a narrow page. */
export function table(caption: string, head: readonly string[], rows: readonly Html[]): Html {
  return markup`<table class="list">
    <caption>${caption}</caption>
    <thead>
      <tr>
        ${head.map((title) => markup`<th scope="col">${title}</th>`)}
      </tr>
    </thead>
    <tbody>
      ${rows}
    </tbody>
  </table>`;
}
