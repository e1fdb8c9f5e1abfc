import { squeeze } from '../../local/audit/roles';

/** A construct path with its variable parts named, and their values. */
export interface Named {
  readonly pattern: string;
  readonly values: Readonly<Record<string, string>>;
}

type Rule = readonly [RegExp, (groups: Readonly<Record<string, string>>) => string];

/** The parts of paths that differ from vault to vault. */
const RULES: readonly Rule[] = [
  [/^(?<before>Keys\/(?:intake|webhook)-)(?<kid>[^/]+)/, ({ before }) => `${before}{kid}`],
  [/^(?<before>Keys\/Parameter-)(?<kid>[^/]+)/, ({ before }) => `${before}{kid}`],
  [/^(?<before>Functions\/\w+\/Account-)(?<actor>.+)-(?<account>\d{12})/, ({ before }) => `${before}{actor}-{account}`],
  [/^(?<before>Functions\/\w+\/Actor-)(?<actor>[^/]+)/, ({ before }) => `${before}{actor}`],
  [/^Actor-(?<actor>.+)-(?<operation>seal|unseal|revoke|properties|audit|freeze|thaw)(?=\/)/, ({ operation }) => `Actor-{actor}-${operation}`], // prettier-ignore
  [/^(?<before>Database\/Cluster\/Reader)(?<reader>\d+)/, ({ before }) => `${before}{reader}`],
  [/^(?<before>Network\/Egress\/(?:Firewall\/(?:Zone|Logging)|Functions|Firewall|Nat))(?<egressZone>\d+)/, ({ before }) => `${before}{egressZone}`], // prettier-ignore
  [/^(?<before>Network\/Vpc\/\w+Subnet)(?<subnet>\d+)/, ({ before }) => `${before}{subnet}`],
];
const RULE = /^(?<before>.+\/(?:to|from) )(?<peer>[^/]+):(?<rulePort>\d+)$/;

/** Names the variable parts of a path below the vault. `peers` are the vault's security groups as logical ids write them. */
export function nameParts(path: string, peers: readonly string[]): Named {
  for (const [pattern, written] of RULES) {
    const match = pattern.exec(path);
    if (!match?.groups) continue;
    const named = written(match.groups) + path.slice(match[0].length);
    return { pattern: named, values: used(named, match.groups) };
  }
  return nameRule(path, peers) ?? { pattern: path, values: {} };
}

/** Names a security group's rule: it is called after its other side; that side's id begins with the stack's name. */
function nameRule(path: string, peers: readonly string[]): Named | undefined {
  const match = RULE.exec(path);
  if (!match?.groups) return undefined;
  const { before = '', peer = '', rulePort = '' } = match.groups;
  const human = peers
    .filter((each) => new RegExp(`${each}[0-9A-F]{8}$`).test(peer))
    .sort((a, b) => b.length - a.length)[0];
  if (human === undefined) return { pattern: `${before}{peer}:{rulePort}`, values: { peer, rulePort } };
  const values = { peer: peer.slice(0, -human.length - 8), id: peer.slice(-8), rulePort };
  return { pattern: `${before}{peer}${human}{id}:{rulePort}`, values };
}

function used(pattern: string, groups: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(groups).filter(([name]) => pattern.includes(`{${name}}`)));
}

/** Returns values as logical ids write them. */
export function squeezed(values: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, squeeze(value)]));
}
