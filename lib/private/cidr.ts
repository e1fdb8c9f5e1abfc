import { Token } from 'aws-cdk-lib';
import { refuse } from './checks';

/** Octets and the length of the prefix. None has a leading zero: some readers parse those as octal. */
const BLOCK = /^(0|[1-9]\d{0,2})\.(0|[1-9]\d{0,2})\.(0|[1-9]\d{0,2})\.(0|[1-9]\d{0,2})\/([1-9]|[12]\d|3[0-2])$/;
/** Block of addresses of a vault's own network. */
export const DEFAULT_CIDR = '10.0.0.0/24';
/** RFC 1918, and the shared space of RFC 6598, which VPCs also accept. */
const PRIVATE_BLOCKS = ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '100.64.0.0/10'] as const;
/** Prefix lengths of the largest VPC and the smallest subnet. */
const LARGEST_VPC = 16;
const SMALLEST_SUBNET = 28;

interface Block {
  readonly address: number;
  readonly prefix: number;
}

/**
 * Throws unless EC2 accepts a block of addresses for a network of `zones` subnets. EC2 also accepts a public block, but
 * then the network could never reach the owner of those addresses, and it can't change its block.
 */
export function requireCidr(cidr: unknown, zones: number): void {
  if (Token.isUnresolved(cidr)) throw new Error('cidr: expected a literal block of addresses, got a token');
  const block = typeof cidr === 'string' ? parse(cidr) : undefined;
  if (block === undefined) return refuse('cidr', 'a block of addresses like 10.0.0.0/24', cidr);
  requireSize(block, zones);
  const first = { ...block, address: firstOf(block) };
  if (first.address !== block.address) {
    throw new Error(`cidr: expected the first address of its block, ${written(first)}, got ${written(block)}`);
  }
  if (!PRIVATE_BLOCKS.some((known) => contains(known, block))) {
    const blocks = `${PRIVATE_BLOCKS.slice(0, -1).join(', ')} or ${PRIVATE_BLOCKS.at(-1)}`;
    throw new Error(`cidr: expected a private block (${blocks}), got ${written(block)}`);
  }
}

/** Returns the bits for the zones: each gets an equal part, so the number of parts is the next power of two. */
function requireSize({ prefix }: Block, zones: number): void {
  const smallest = SMALLEST_SUBNET - Math.ceil(Math.log2(zones));
  if (prefix >= LARGEST_VPC && prefix <= smallest) return;
  throw new Error(
    `cidr: expected /${LARGEST_VPC} to /${smallest}, for a subnet of /${SMALLEST_SUBNET} or larger in each of ${zones} zones, got /${prefix}`,
  );
}

function parse(cidr: string): Block | undefined {
  const [, ...parts] = BLOCK.exec(cidr) ?? [];
  const [prefix = 0, ...octets] = [parts.at(-1), ...parts.slice(0, -1)].map(Number);
  if (octets.length === 0 || octets.some((octet) => octet > 255)) return undefined;
  return { address: octets.reduce((address, octet) => address * 256 + octet, 0), prefix };
}

function sizeOf(prefix: number): number {
  return 2 ** (32 - prefix);
}

function firstOf({ address, prefix }: Block): number {
  return address - (address % sizeOf(prefix));
}

/** Returns whether two valid blocks have an address in common. */
export function overlaps(one: string, other: string): boolean {
  const [first, second] = [parse(one), parse(other)];
  return first !== undefined && second !== undefined && (contains(one, second) || contains(other, first));
}

function contains(known: string, { address, prefix }: Block): boolean {
  const outer = parse(known);
  return outer !== undefined && prefix >= outer.prefix && firstOf({ address, prefix: outer.prefix }) === outer.address;
}

function written({ address, prefix }: Block): string {
  const octets = [3, 2, 1, 0].map((place) => Math.floor(address / 256 ** place) % 256);
  return `${octets.join('.')}/${prefix}`;
}
