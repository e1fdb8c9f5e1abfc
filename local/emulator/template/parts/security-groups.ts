import { tryResolve } from '../try-resolve';
import type { Resources } from '../resources';

const GROUP = 'AWS::EC2::SecurityGroup';
const HTTPS = 443;

type Direction = 'Egress' | 'Ingress';
type Rule = Readonly<Record<string, unknown>>;

const PEER: Readonly<Record<Direction, string>> = {
  Egress: 'DestinationSecurityGroupId',
  Ingress: 'SourceSecurityGroupId',
};

/** Evaluates security groups of a template. Unknown groups and rules are assumed to allow traffic. */
export class SecurityGroups {
  /** @param ports the numbers of one port: a rule for any of them counts */
  constructor(
    private readonly resources: Resources,
    private readonly ports: readonly number[] = [HTTPS],
  ) {}

  /** Returns whether one of these groups allows TCP on the port to or from one of `peers`, or to or from addresses. */
  allows(groups: readonly string[], direction: Direction, peers: readonly string[] = []): boolean {
    return groups.some((group) => {
      const rules = this.#rulesOf(group, direction);
      return rules === undefined || rules.some((rule) => this.#matches(rule, direction, peers));
    });
  }

  /** Returns a group's rules; undefined if they are unknown, or if it has no egress rules and so allows all egress. */
  #rulesOf(group: string, direction: Direction): readonly Rule[] | undefined {
    const { resources } = this;
    const id = tryResolve(() => resources.idByName(GROUP, group, 'GroupId') ?? resources.idByName(GROUP, group));
    if (id === undefined) return undefined;
    const property = `SecurityGroup${direction}`;
    const inline = this.#property(id, property);
    if (inline === undefined && property in (resources.resolver.template.Resources[id]?.Properties ?? {}))
      return undefined;
    const separate = resources
      .idsOf(`${GROUP}${direction}`)
      .filter((rule) => (this.#property(rule, 'GroupId') ?? group) === group)
      .map((rule) => this.#ruleOf(rule, direction));
    const all = [...(Array.isArray(inline) ? (inline as readonly Rule[]) : []), ...separate];
    return direction === 'Egress' && all.length === 0 ? undefined : all;
  }

  #ruleOf(id: string, direction: Direction): Rule {
    const names = ['IpProtocol', 'FromPort', 'ToPort', 'CidrIp', 'CidrIpv6', PEER[direction]];
    return Object.fromEntries(names.map((name) => [name, this.#property(id, name)]));
  }

  #property(id: string, name: string): unknown {
    return tryResolve(() => this.resources.resolver.property(id, name));
  }

  #matches(rule: Rule, direction: Direction, peers: readonly string[]): boolean {
    const { IpProtocol: protocol, FromPort: from, ToPort: to, CidrIp: cidr } = rule;
    if (!['-1', 'tcp', '6'].includes(String(protocol))) return false;
    const spans = (port: number): boolean => Number(from ?? port) <= port && port <= Number(to ?? port);
    if (String(protocol) !== '-1' && !this.ports.some(spans)) return false;
    const peer = rule[PEER[direction]];
    if (typeof peer === 'string') return peers.includes(peer);
    // services are reached by IPv4, so a rule for IPv6 only doesn't match
    return rule.CidrIpv6 === undefined || cidr !== undefined;
  }
}
