import type * as ec2 from 'aws-cdk-lib/aws-ec2';
import { requireObject, requireTextOrToken } from './private/checks';
import { type EgressContext, type EgressWay, vpcWay } from './private/egress-context';
import { requireDomains } from './private/egress-checks';
import { firewallWay, natWay } from './private/egress-routes';
import { privateLinkWay } from './private/private-link';
import { PATTERNS } from './private/patterns';
import { proxyWay, readProxy } from './private/proxy';

/** Props of `Egress.firewall`. */
export interface FirewallEgressProps {
  /**
   * Names of further hosts that the firewall passes, each complete: a name passes no other. The hosts of the vault's keys
   * and stores always pass.
   *
   * @default - no others
   */
  readonly allowedDomains?: string[];
}

/** Props of `Egress.privateLink`. */
export interface PrivateLinkEgressProps {
  /** Name of the endpoint service that leads to the Vault: `com.amazonaws.vpce.REGION.vpce-svc-ID`. */
  readonly service: string;
}

/** Props of `Egress.proxy`. */
export interface ProxyEgressProps {
  /** Address of the proxy, `http://HOST:PORT`. It passes `CONNECT` requests: TLS is between function and service. */
  readonly url: string;
  /** Security group or IPv4 addresses of the proxy: a block of /16 or smaller. */
  readonly peer: ec2.IPeer;
}

/** Names of the ways, as errors give them. */
type EgressKind = 'firewall' | 'natGateway' | 'privateLink' | 'proxy' | 'vpc';

/**
 * The way out of the network, to keys and stores outside AWS. Only the functions that call them have it; the database and
 * the other functions remain without.
 */
export class Egress {
  /**
   * Creates NAT gateways behind AWS Network Firewall, which passes TLS connections only to the hosts of the vault's keys
   * and stores, and logs all. It reads the name that a connection asks for: it stops mistakes and known programs, and
   * leaves a record of everything else.
   *
   * Only for the vault's own network. Each zone costs about $290 a month for the firewall, NAT gateway included.
   */
  public static firewall(props: FirewallEgressProps = {}): Egress {
    requireObject('firewall', props);
    const { allowedDomains = [] } = props;
    requireDomains('allowedDomains', allowedDomains);
    return new Egress('firewall', (context) => firewallWay(context, allowedDomains));
  }

  /**
   * Creates NAT gateways without a firewall: functions with access to key material can then reach every host of the
   * internet. Refused for `prod`. Only for the vault's own network. Each zone costs about $35 a month.
   */
  public static natGateway(): Egress {
    return new Egress('natGateway', natWay);
  }

  /**
   * Creates an endpoint for an endpoint service through which one Vault is reached, and a private DNS name for the Vault's
   * host: nothing else can be reached. Only for the vault's own network, and only if the Vault is the only host outside AWS.
   * The service's owner has to accept the endpoint, and the service has to be in the zones of the network.
   */
  public static privateLink(props: PrivateLinkEgressProps): Egress {
    requireObject('privateLink', props);
    requireTextOrToken('service', props.service, PATTERNS.endpointService);
    return new Egress('privateLink', (context) => privateLinkWay(context, props.service));
  }

  /** Lets functions reach a proxy, which decides to which hosts they get. It must be reachable from their subnets. */
  public static proxy(props: ProxyEgressProps): Egress {
    requireObject('proxy', props);
    const proxy = readProxy(props.url, props.peer);
    return new Egress('proxy', (context) => proxyWay(context, proxy));
  }

  /** Uses the routes of `vpc`, whose owner decides to which hosts they lead. */
  public static vpc(): Egress {
    return new Egress('vpc', vpcWay);
  }

  private constructor(
    private readonly kind: EgressKind,
    private readonly create: (context: EgressContext) => EgressWay,
  ) {}

  /** @internal */
  public get _kind(): EgressKind {
    return this.kind;
  }

  /**
   * Creates the way in a network.
   *
   * @internal
   */
  public _create(context: EgressContext): EgressWay {
    return this.create(context);
  }
}
