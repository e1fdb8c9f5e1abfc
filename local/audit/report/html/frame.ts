import type { Changes, Report, StackFinding } from '../schema';
import { type Html, markup } from './markup';
import { table } from './parts';

/** Returns every difference of the templates from the allow-list. */
export function findingsPart(findings: readonly StackFinding[]): Html {
  if (findings.length === 0) return markup`<p>None: every resource of every vault is on the allow-list, with these properties only, and nothing beside gives access.</p>`; // prettier-ignore
  return table('Differences', ['Stack', 'Resource', 'Property', 'Expected', 'Got'], findings.map(findingRow));
}

function findingRow({ stack, resource, path, property, expected, got }: StackFinding): Html {
  return markup`<tr class="bad">
    <td>${stack}</td>
    <td><code>${resource}</code> <span class="ids">${path}</span></td>
    <td><code>${property}</code></td>
    <td><code>${expected}</code></td>
    <td><code>${got}</code></td>
  </tr>`;
}

type Effect = NonNullable<Report['lifecycle'][number]['over']>['effects'][number]['effect'];

const EFFECTS: Readonly<Record<Effect, string>> = {
  refused: 'CloudFormation or a service refuses the deploy',
  unreadable: 'Records can’t be opened afterwards',
  replaced: 'Replaced',
  mayBeReplaced: 'May be replaced',
  deleted: 'Deleted',
  orphaned: 'Orphaned: outlives every stack',
  renamed: 'Renamed',
  blocksReturn: 'Can’t be put back while the orphan has its name',
};

/** Returns what outlives each stack, and what a deploy over the former templates does. */
export function lifecyclePart(parts: Report['lifecycle']): Html {
  return markup`${parts.map(({ stack, retained, problems, over }) => {
    const effects = over?.effects ?? [];
    return markup`<h3>${stack}</h3>
      ${
        over === undefined
          ? markup`<p>No former template was given (<code>--former</code>): what a deploy replaces is unknown.</p>`
          : effects.length === 0
            ? markup`<p>A deploy over the former template replaces, orphans and deletes nothing.</p>`
            : markup`<dl>
                ${effects.map(
                  ({ effect, resources }) =>
                    markup`<dt>${EFFECTS[effect]}</dt>
                      <dd>${resources.join('; ')}</dd>`,
                )}
              </dl>`
      }
      ${
        problems.length === 0
          ? undefined
          : markup`<ul>
              ${problems.map(({ rule, resource, problem }) => markup`<li><code>${resource}</code>: ${problem} (${rule})</li>`)}
            </ul>`
      }
      <details class="part">
        <summary>Resources that outlive the stack (${retained.length})</summary>
        <ul>
          ${retained.map((each) => markup`<li><code>${each}</code></li>`)}
        </ul>
      </details>`;
  })}`;
}

/** Returns what changed since a former report. */
export function changesPart({ gained, lost, verdicts, newFindings, goneFindings }: Changes): Html {
  const permissions = (title: string, list: Changes['gained']): Html => markup`<h3>${title} (${list.length})</h3>${list.length === 0 ? undefined : markup`<ul>${list.map(({ environment, principal, request }) => markup`<li>${environment}: <strong>${principal}</strong> <code>${request}</code></li>`)}</ul>`}`; // prettier-ignore
  return markup`${permissions('Permissions gained', gained)}${permissions('Permissions lost', lost)}
    <h3>Verdicts (${verdicts.length})</h3>
    <ul>
      ${verdicts.map(({ environment, control, before, after }) => markup`<li>${environment}: ${control} was ${before}, is ${after}</li>`)}
    </ul>
    <h3>Differences from the allow-list</h3>
    <p>${newFindings.length} new, ${goneFindings.length} gone.</p>
    ${newFindings.length === 0 ? undefined : findingsPart(newFindings)}`;
}

/** Returns the hashes and versions of everything that the report was made from. */
export function madeFromPart({ madeFrom, vaults, format }: Report): Html {
  const { time, program, packages, templates, controlPolicies, against } = madeFrom;
  const code = vaults.flatMap(({ environment, code: own }) => own.map(({ function: id, archive }) => markup`<tr><td>${environment}</td><td><code>${id}</code></td><td><code>${archive}</code></td></tr>`)); // prettier-ignore
  return markup`<dl>
      <dt>Time, as the caller gave it</dt>
      <dd>${time ?? 'none'}</dd>
      <dt>Format</dt>
      <dd>${format}</dd>
      <dt>Program</dt>
      <dd>${program.name} ${program.version}</dd>
      ${packages.map(
        ({ name, version }) =>
          markup`<dt>Package</dt>
            <dd>${name} ${version}</dd>`,
      )}
      <dt>Service control policies</dt>
      <dd>
        ${controlPolicies.sample ? 'the samples of this release, which no template attaches: ' : ''}${controlPolicies.files.map(({ file, sha256 }) => markup`${file} <code>${sha256}</code> `)}
      </dd>
      ${
        against === undefined
          ? undefined
          : markup`<dt>Former report</dt>
              <dd>${against.time ?? ''} <code>${against.sha256}</code></dd>`
      }
    </dl>
    ${table(
      'Templates',
      ['Stack', 'File', 'Resources', 'SHA-256'],
      templates.map(
        ({ stack, file, resources, sha256 }) =>
          markup`<tr>
            <td>${stack}</td>
            <td>${file}</td>
            <td>${resources}</td>
            <td><code>${sha256}</code></td>
          </tr>`,
      ),
    )}
    ${table('Archives of functions', ['Vault', 'Function', 'Archive'], code)}`;
}
