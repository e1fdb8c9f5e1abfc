import type { Reach } from '../schema';
import { type Html, markup } from './markup';
import { type Shown, joined, scrolled, statementLinks, table } from './parts';

const [WIDTH, BOX, ROW, TOP] = [960, 230, 34, 34];
const COLUMNS = [0, 365, 730];
const LONGEST = 30;

type Node = Reach['nodes'][number];
type Edge = Reach['edges'][number];
interface Spot {
  readonly x: number;
  readonly y: number;
}

/** Returns the drawing of who comes to material, a table of its edges, and the ways of an administrator. */
export function reachPart(shown: Shown): Html {
  const { edges } = shown.vault.reach;
  const rows = edges.map(
    ({ from, to, action, by }, index) =>
      markup`<tr id="${shown.mark}-e${index}" tabindex="-1">
        <td>${from}</td>
        <td>${to}</td>
        <td><code>${action}</code></td>
        <td>${statementLinks(shown, by)}</td>
      </tr>`,
  );
  return markup`${scrolled(`Drawing of reach, ${shown.vault.environment}`, drawing(shown))}
    <details class="part">
      <summary>Every edge with its statements (${edges.length})</summary>
      ${table('Edges', ['From', 'To', 'Action', 'Statements'], rows)}
    </details>`;
}

/** Returns the ways of an administrator, the shortest to material first, each with its alarm. */
export function waysPart(shown: Shown): Html {
  const items = shown.vault.reach.ways.map(({ steps, reaches, by, alarms, deniedByControl }) => {
    const alarm =
      alarms.length === 0 ? markup`<strong class="fails">no alarm</strong>` : markup`alarm: ${alarms.join(', ')}`;
    const control = deniedByControl.length === 0 ? markup`the SCP leaves it` : markup`the SCP denies it: ${statementLinks(shown, deniedByControl)}`; // prettier-ignore
    return markup`<li>
      <strong>${reaches}</strong> in ${steps.length}:
      ${joined(
        steps.map((step) => markup`<code>${step}</code>`),
        ' → ',
      )}<br />${alarm}; allowed by ${statementLinks(shown, by)}; ${control}
    </li>`;
  });
  return markup`<p>
      No policy allows an administrator of the account a direct decrypt. These are the indirect ways that the policies
      leave; the first step of each was evaluated, the others are described.
    </p>
    <ol class="ways">
      ${items}
    </ol>`;
}

function drawing({ vault: { reach, environment }, mark }: Shown): Html {
  const spots = spotsOf(reach.nodes);
  const height = TOP + ROW * Math.max(1, ...COLUMNS.map((_, layer) => reach.nodes.filter((node) => node.layer === layer).length)); // prettier-ignore
  const groups = [...Map.groupBy(reach.edges.map((edge, index) => ({ edge, index })), ({ edge }) => `${edge.from}\n${edge.to}`).values()]; // prettier-ignore
  const heads = ['Who calls', 'Functions', 'Keys, secrets, logins'];
  return markup`<svg
    viewBox="0 0 ${WIDTH} ${height}"
    role="group"
    aria-label="Who can come to material of ${environment}"
  >
    ${heads.map((head, layer) => markup`<text class="head" x="${COLUMNS[layer]}" y="16">${head}</text>`)}${groups.map((each) => edgeShape(each, spots, reach.nodes, mark))}${reach.nodes.map((node) => nodeShape(node, spots))}
  </svg>`;
}

function spotsOf(nodes: readonly Node[]): ReadonlyMap<string, Spot> {
  const most = Math.max(1, ...COLUMNS.map((_, layer) => nodes.filter((node) => node.layer === layer).length));
  return new Map(
    COLUMNS.flatMap((x, layer) => {
      const own = nodes.filter((node) => node.layer === layer);
      const gap = (ROW * most) / Math.max(1, own.length);
      return own.map(({ id }, index) => [id, { x, y: Math.round(TOP + gap * (index + 0.5) - ROW / 2) }] as const);
    }),
  );
}

function edgeShape(
  group: readonly { readonly edge: Edge; readonly index: number }[],
  spots: ReadonlyMap<string, Spot>,
  nodes: readonly Node[],
  mark: string,
): Html | undefined {
  const [first] = group;
  const [from, to] = [spots.get(first?.edge.from ?? ''), spots.get(first?.edge.to ?? '')];
  if (first === undefined || from === undefined || to === undefined) return undefined;
  const [x1, x2] = [from.x + BOX, to.x === from.x ? to.x + BOX : to.x];
  const [y1, y2] = [from.y + 12, to.y + 12];
  const bend = to.x === from.x ? x1 + 60 : (x1 + x2) / 2;
  const label = `${first.edge.from} to ${first.edge.to}: ${group.map(({ edge }) => edge.action).join(', ')}`;
  const isKey = nodes.find(({ id }) => id === first.edge.to)?.kind === 'Keys';
  return markup`<a href="#${mark}-e${first.index}" aria-label="${label}" ${isKey ? markup` class="keys"` : ''}
    ><title>${label}</title><path d="M${x1} ${y1} C${bend} ${y1} ${bend} ${y2} ${x2} ${y2}"
  /></a>`;
}

function nodeShape({ id }: Node, spots: ReadonlyMap<string, Spot>): Html | undefined {
  const spot = spots.get(id);
  if (spot === undefined) return undefined;
  const short = id.length > LONGEST ? `${id.slice(0, 12)}…${id.slice(13 - LONGEST)}` : id;
  return markup`<g
    ><title>${id}</title><rect x="${spot.x}" y="${spot.y}" width="${BOX}" height="24" rx="4" /><text
      x="${spot.x + 8}"
      y="${spot.y + 16}"
      >${short}</text
    ></g
  >`;
}
