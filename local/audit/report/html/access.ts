import { GROUPS } from '../objects';
import type { Access, Changes } from '../schema';
import { type Html, markup } from './markup';
import { type Shown, scrolled, statementLinks } from './parts';

type Decision = Access['decisions'][number];

/** Returns who may do what: a table for each group of objects, in which each cell opens its statements. */
export function accessPart(shown: Shown, changes: Changes | undefined): Html {
  const { access } = shown.vault;
  const requests = new Map(access.requests.map((request) => [request.name, request]));
  const cells = Map.groupBy(access.decisions, ({ principal, request }) => cellKey(principal, requests.get(request)?.object ?? '')); // prettier-ignore
  const able = new Set(access.decisions.flatMap(({ principal, result }) => (result === 'allowed' ? [principal] : [])));
  const none = access.principals.flatMap(({ name }) => (able.has(name) ? [] : [name]));
  const unknown = access.principals.filter(({ unknownPolicies }) => unknownPolicies.length > 0);
  const gained = new Set((changes?.gained ?? []).filter(({ environment }) => environment === shown.vault.environment).map(({ principal, request }) => cellKey(principal, request))); // prettier-ignore
  return markup`<p>
      A number counts the allowed requests; a second one, after an arrow, is what the service control policies leave of
      them. A cell opens the statements that decided; no statement allows what is not listed.
    </p>
    ${GROUPS.map((group) => groupTable(group, shown, cells, able, gained))}
    <p>Allowed nothing at all: ${none.length === 0 ? 'nobody' : none.join(', ')}.</p>
    ${unknown.map(({ name, unknownPolicies }) => markup`<p><strong class="review">${name} has policies that are not in the templates, and may be allowed more:</strong> ${unknownPolicies.join(', ')}</p>`)}`;
}

function cellKey(principal: string, object: string): string {
  return JSON.stringify([principal, object]);
}

function groupTable(
  group: string,
  shown: Shown,
  cells: ReadonlyMap<string, readonly Decision[]>,
  able: ReadonlySet<string>,
  gained: ReadonlySet<string>,
): Html | undefined {
  const { principals, requests } = shown.vault.access;
  const objects = [...new Set(requests.flatMap((request) => (request.group === group ? [request.object] : [])))];
  const decisionsOf = (principal: string, object: string) => cells.get(cellKey(principal, object)) ?? [];
  const rows = principals.filter(
    ({ name }) => able.has(name) && objects.some((object) => decisionsOf(name, object).some(({ result }) => result === 'allowed')), // prettier-ignore
  );
  if (objects.length === 0 || rows.length === 0) return undefined;
  const head = objects.map((object) => markup`<th scope="col">${object}</th>`);
  const body = rows.map(({ name }) => markup`<tr><th scope="row">${name}</th>${objects.map((object) => cellPart(decisionsOf(name, object), shown, gained))}</tr>`); // prettier-ignore
  return scrolled(
    `${group}, ${shown.vault.environment}`,
    markup`<table class="grid">
      <caption>
        ${group}
      </caption>
      <thead>
        <tr>
          <td></td>
          ${head}
        </tr>
      </thead>
      <tbody>
        ${body}
      </tbody>
    </table>`,
  );
}

function cellPart(decisions: readonly Decision[], shown: Shown, gained: ReadonlySet<string>): Html {
  if (decisions.length === 0) return markup`<td class="no">–</td>`;
  const allowed = decisions.filter(({ result }) => result === 'allowed');
  const left = allowed.filter(({ deniedByControl }) => deniedByControl === undefined).length;
  const isNew = allowed.some(({ principal, request }) => gained.has(cellKey(principal, request)));
  const summary =
    allowed.length === 0
      ? markup`–`
      : markup`<strong>${allowed.length}</strong>${left === allowed.length ? '' : markup` → ${left}`}`;
  const denied = Map.groupBy(decisions.filter(({ result }) => result === 'denied'), ({ by }) => by.join(' ')); // prettier-ignore
  const denials = [...denied.values()].map((each) => markup`<li>${each.length} denied by ${statementLinks(shown, each[0]?.by ?? [])}</li>`); // prettier-ignore
  return markup`<td>
    <details>
      <summary>${summary}${isNew ? markup` <strong class="fails">new</strong>` : ''}</summary>
      <ul>
        ${allowed.map((each) => allowedItem(each, shown))}${denials}
      </ul>
    </details>
  </td>`;
}

function allowedItem({ request, by, deniedByControl }: Decision, shown: Shown): Html {
  const control = deniedByControl && markup`; under the SCP denied by ${statementLinks(shown, deniedByControl)}`;
  return markup`<li><code>${request}</code> by ${statementLinks(shown, by)}${control}</li>`;
}

/** Returns the text of every statement that decided something. */
export function statementsPart({ vault, mark }: Shown): Html {
  return markup`${vault.access.statements.map(
    ({ id, kind, policy, statement, text }) =>
      markup`<div id="${mark}-${id}" tabindex="-1">
        <p><strong>${policy}/${statement}</strong> <span class="ids">${kind}, ${id}</span></p>
        <pre>${text}</pre>
      </div>`,
  )}`;
}
