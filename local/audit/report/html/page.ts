import { createHash } from 'node:crypto';
import type { Report } from '../schema';
import { accessPart, statementsPart } from './access';
import { checklistPart, controlsPart } from './controls';
import { changesPart, findingsPart, lifecyclePart, madeFromPart } from './frame';
import { Html, markup } from './markup';
import { type Shown, verdictLabel } from './parts';
import { reachPart, waysPart } from './reach';
import { STYLE } from './style';

/** Nothing but the page's own style: no script, no image, no connection, no form. */
const POLICY = `default-src 'none'; style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'; base-uri 'none'; form-action 'none'`;

/** Returns a report as one page that needs nothing else, the same for the same report. */
export function pageOf(report: Report): string {
  const { verdict, vaults, changes } = report;
  const shown = vaults.map((vault, index): Shown => ({ vault, mark: `v${index}` }));
  const title = `Audit of ${vaults.map(({ environment }) => environment).join(', ')}`;
  const links = [
    ...shown.map(
      ({ vault, mark }) =>
        markup`<li>
          <a href="#${mark}">${vault.environment}</a>: <a href="#${mark}-checklist">checklist</a>,
          <a href="#${mark}-controls">controls</a>, <a href="#${mark}-access">who may do what</a>,
          <a href="#${mark}-reach">reach</a>, <a href="#${mark}-ways">ways of an administrator</a>
        </li>`,
    ),
    ...(changes === undefined ? [] : [markup`<li><a href="#changes">changes</a></li>`]),
    markup`<li><a href="#findings">allow-list</a></li>
      <li><a href="#lifecycle">lifecycle</a></li>
      <li><a href="#made">made from</a></li>`,
  ];
  const page = markup`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta http-equiv="Content-Security-Policy" content="${POLICY}" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="referrer" content="no-referrer" />
        <title>${title}</title>
        <style>${Html.trusted(STYLE)}</style>
      </head>
      <body>
        <a class="skip" href="#main">To the report</a>
        <header>
          <h1>${title}</h1>
          <p>
            ${verdictLabel(verdict)}
            ${verdict === 'holds' ? 'Every control of every vault holds, and no template has what the allow-list does not.' : 'A control fails, or a template has what the allow-list does not.'}
            Made offline from templates: what they can’t show is named at each control.
          </p>
          <nav aria-label="Parts of the report">
            <ul>
              ${links}
            </ul>
          </nav>
        </header>
        <main id="main">
          ${shown.map((each) => vaultPart(each, changes))}
          ${
            changes === undefined
              ? undefined
              : markup`<h2 id="changes">Changes since the former report</h2>
                  ${changesPart(changes)}`
          }
          <h2 id="findings">Differences from the allow-list</h2>
          ${findingsPart(report.findings)}
          <h2 id="lifecycle">Lifecycle</h2>
          ${lifecyclePart(report.lifecycle)}
          <h2 id="made">Made from</h2>
          ${madeFromPart(report)}
        </main>
      </body>
    </html> `;
  return page.text;
}

function vaultPart(shown: Shown, changes: Report['changes']): Html {
  const { vault, mark } = shown;
  return markup`<h2 id="${mark}">Vault ${vault.environment}</h2>
    <p>Stack ${vault.stack}, evaluated for account ${vault.account}, region ${vault.region}.</p>
    <h3 id="${mark}-checklist">Checklist</h3>
    ${checklistPart(shown)}
    <h3 id="${mark}-controls">Controls</h3>
    ${controlsPart(shown)}
    <h3 id="${mark}-access">Who may do what</h3>
    ${accessPart(shown, changes)}
    <h3 id="${mark}-reach">Reach</h3>
    ${reachPart(shown)}
    <h3 id="${mark}-ways">Ways of an administrator</h3>
    ${waysPart(shown)}
    <h3>Statements</h3>
    <details class="part" open>
      <summary>Statements that decided (${vault.access.statements.length})</summary>
      ${statementsPart(shown)}
    </details>
    <h3>Beside the vault</h3>
    ${besidePart(shown)}`;
}

function besidePart({ vault: { beside } }: Shown): Html {
  if (beside.length === 0) return markup`<p>The stack has no other resources.</p>`;
  return markup`<details class="part">
    <summary>Other resources of the stack (${beside.length})</summary>
    <ul>
      ${beside.map(({ resource, type, uses }) => markup`<li><code>${resource}</code> ${type}${uses ? ', uses the vault' : ''}</li>`)}
    </ul>
  </details>`;
}
