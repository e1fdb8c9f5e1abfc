import { AREAS } from '../controls';
import type { ControlReport, Evidence } from '../schema';
import { type Html, markup } from './markup';
import { type Shown, joined, table, verdictLabel } from './parts';

const TITLES: Readonly<Record<(typeof AREAS)[number], string>> = {
  keys: 'Keys',
  roles: 'Roles and policies',
  database: 'Database',
  functions: 'Functions',
  network: 'Network',
  secrets: 'Secrets and parameters',
  watch: 'Alarms',
  webhook: 'Webhook',
  state: 'State that stays',
  runs: 'State machines',
};

/** Returns the requirements of the checklist, each with links to the controls that show it. */
export function checklistPart({ vault, mark }: Shown): Html {
  const titles = new Map(vault.controls.map(({ id, title }) => [id, title]));
  const rows = vault.checklist.map(({ line, part, verdict, controls, tests, beyond }) => {
    const links = controls.map((id) => markup`<a href="#${mark}-c-${id}">${titles.get(id) ?? id}</a>`);
    const more = tests.map((test) => markup`<code>${test}</code>`);
    return markup`<tr>
      <th scope="row">${part === 'forbidden' ? 'Forbidden: ' : ''}${line}</th>
      <td>${verdictLabel(verdict)}</td>
      <td>${joined(links, '; ')}</td>
      <td>${more.length === 0 ? 'none' : joined(more, ', ')}</td>
      <td>${beyond}</td>
    </tr>`;
  });
  return table('Requirements, and what shows each', ['Requirement', 'Verdict', 'Shown by controls', 'Shown by tests', 'Not shown by a template'], rows); // prettier-ignore
}

/** Returns every control, in its area. */
export function controlsPart(shown: Shown): Html {
  return markup`${AREAS.map((area) => {
    const controls = shown.vault.controls.filter((control) => control.area === area);
    return controls.length === 0
      ? undefined
      : markup`<h4>${TITLES[area]}</h4>
          ${controls.map((each) => controlPart(each, shown))}`;
  })}`;
}

function controlPart(control: ControlReport, { mark }: Shown): Html {
  const { id, title, verdict, evidence, problems, exceptions, beyond, confirm } = control;
  const isOpen = verdict === 'fails' || verdict === 'review';
  return markup`<details class="part" id="${mark}-c-${id}" ${isOpen ? markup` open` : ''}>
    <summary>${verdictLabel(verdict)} ${title} <span class="ids">${idsOf(control)}</span></summary>
    ${problems.length === 0 ? undefined : problemsPart(problems)}
    ${evidence.length === 0 ? markup`<p>The template has no such resource.</p>` : table('What the template shows', ['Resource', 'Property or statement', 'Value', 'Expected'], evidence.map(evidenceRow))}
    ${exceptions.map(({ ids, reason }) => markup`<p>Not met: ${ids.join(', ')}. ${reason}</p>`)}
    <dl>
      <dt>Not shown by a template</dt>
      <dd>${beyond}</dd>
      <dt>In the account</dt>
      <dd><code>${confirm}</code></dd>
    </dl>
  </details>`;
}

function idsOf({ standards: { securityHub, cis, cdkNag } }: ControlReport): string {
  const groups = [securityHub.join(' '), cis.length === 0 ? '' : `CIS ${cis.join(' ')}`, cdkNag.join(' ')];
  return groups.filter((group) => group !== '').join(' · ');
}

function problemsPart(problems: ControlReport['problems']): Html {
  return markup`<ul>
    ${problems.map(({ check, resource, problem, at }) => {
      const places = at.map((place) => markup`<code>${place.resource} ${place.property}</code>`);
      const where = places.length === 0 ? markup`the allow-list permits it: an owner’s choice to judge` : markup`at ${joined(places, ', ')}`; // prettier-ignore
      return markup`<li><code>${resource}</code>: ${problem} (${check}); ${where}</li>`;
    })}
  </ul>`;
}

function evidenceRow({ resource, type, property, value, expected, holds }: Evidence): Html {
  return markup`<tr${holds ? '' : markup` class="bad"`}><td><code>${resource}</code> <span class="ids">${type}</span></td><td><code>${property}</code></td><td><code>${value}</code></td><td>${expected}${holds ? '' : markup` <strong class="fails">differs</strong>`}</td></tr>`;
}
