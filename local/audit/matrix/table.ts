import { wrap } from '../../emulator/authorization/terminal';
import { type Column, columnsOf } from './columns';
import { align, alignWithin } from './grid';
import type { NamedPrincipal } from './template-principals';
import type { TemplateMatrix } from './template-matrix';

export const ALLOW = 'ALLOW';
export const DENY = '-';

export interface TableOptions {
  /** true: also principals without a permission, and every request */
  readonly all: boolean;
  /** the terminal's columns; undefined for lines of any length */
  readonly width: number | undefined;
}

/** Returns a matrix as lines: the most important requests by all principals, and with `all` every request. */
export function tableOf(matrix: TemplateMatrix, { all, width }: TableOptions): readonly string[] {
  const { environment, principals, requests, cells } = matrix;
  const allowed = cells.filter(({ decision }) => decision.allowed);
  const byPrincipal = Map.groupBy(allowed, ({ principal }) => principal);
  const isAllowed = (principal: NamedPrincipal, request: string): boolean =>
    byPrincipal.get(principal)?.some((cell) => cell.request.name === request) === true;
  const candidates = columnsOf(requests);
  const label = width === undefined ? ({ name }: NamedPrincipal) => name : labelsOf(principals);
  const columns = all
    ? candidates
    : candidates.filter(({ request }) => principals.some((one) => isAllowed(one, request)));
  const rows = all ? principals : principals.filter((one) => columns.some(({ request }) => isAllowed(one, request)));
  const closed = candidates.filter((column) => !columns.includes(column)).map(({ request }) => request);
  const hidden = principals.filter((one) => !rows.includes(one)).map(({ name }) => name);
  const counted = `${environment}: ${requests.length} requests by ${principals.length} principals, ${cells.length} cells, ${allowed.length} of them ${ALLOW}`;
  return [
    ...lines(counted, width),
    '',
    ...alignWithin(
      [
        ['', ...columns.map(({ title }) => title)],
        ...rows.map((one) => [label(one), ...columns.map(({ request }) => (isAllowed(one, request) ? ALLOW : DENY))]),
      ],
      width,
    ),
    '',
    ...legend(columns, rows, label),
    ...listed('Allowed none of these', hidden, width),
    ...listed('Allowed to no one', closed, width),
    ...listed('Recovery keys, whose holders can open every new record', recoveryKeysIn(matrix), width),
    ...(all ? ['', ...everyRequest(matrix, width)] : []),
    ...unknownPolicies(principals, width),
  ];
}

/** Returns the requests of the titles, and the whole names of shortened principals. */
function legend(columns: readonly Column[], rows: readonly NamedPrincipal[], label: Label): readonly string[] {
  return align([
    ...columns.map(({ title, request }) => [title, request]),
    ...rows.filter((one) => label(one) !== one.name).map((one) => [label(one), one.name]),
  ]);
}

/** Returns the recovery keys with their fingerprints, as `openssl` and the outputs can be compared with them. */
function recoveryKeysIn({ recoveryKeys }: TemplateMatrix): readonly string[] {
  return [...recoveryKeys].map(([name, fingerprint]) => `${name} SHA256:${fingerprint}`);
}

function listed(title: string, names: readonly string[], width: number | undefined): readonly string[] {
  return names.length === 0 ? [] : ['', ...lines(`${title}: ${names.join(', ')}`, width)];
}

/** Returns each request with the principals that are allowed it. */
function everyRequest({ requests, cells }: TemplateMatrix, width: number | undefined): readonly string[] {
  const byRequest = Map.groupBy(cells, ({ request }) => request.name);
  return [
    'Every request, and who is allowed it',
    '',
    ...requests.flatMap(({ name }) => {
      const names = (byRequest.get(name) ?? []).flatMap((cell) => (cell.decision.allowed ? [cell.principal.name] : []));
      return [name, ...lines(names.length === 0 ? 'no one' : names.join(', '), width, 4)];
    }),
  ];
}

function unknownPolicies(principals: readonly NamedPrincipal[], width: number | undefined): readonly string[] {
  const gaps = principals.filter(({ unknown }) => unknown.length > 0);
  if (gaps.length === 0) return [];
  return [
    '',
    ...lines('Policies that are not in the template: their principals may be allowed more than is shown', width),
    ...gaps.flatMap(({ name, unknown }) => lines(`${name}: ${unknown.join(', ')}`, width, 4)),
  ];
}

/** Returns a text as lines of the terminal's width, all indented. */
function lines(text: string, width: number | undefined, indent = 0): readonly string[] {
  const broken = width === undefined ? [text] : wrap(text, width - indent);
  return broken.map((line) => `${' '.repeat(indent)}${line}`);
}

/** Longest name in the first column. */
const NAME_CHARS = 26;

type Label = (principal: NamedPrincipal) => string;

/** Returns names for the first column: a long one keeps its beginning and its end, and a number if another is alike. */
function labelsOf(principals: readonly NamedPrincipal[]): Label {
  const labels = new Map<string, string>();
  for (const { name } of principals) {
    const same = [...labels.keys()].filter((other) => shortened(other) === shortened(name)).length;
    labels.set(name, same === 0 ? shortened(name) : `${shortened(name)} ${same + 1}`);
  }
  return ({ name }) => labels.get(name) ?? name;
}

function shortened(name: string): string {
  if (name.length <= NAME_CHARS) return name;
  const half = (NAME_CHARS - 2) / 2;
  return `${name.slice(0, half)}..${name.slice(-half)}`;
}
