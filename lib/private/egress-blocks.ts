/** Blocks of addresses of one zone's subnets with a way out. */
export interface ZoneBlocks {
  readonly functions: string;
  readonly firewall: string;
  readonly nat: string;
}

/**
 * The block for subnets with a way out. EC2 adds it to a network with any private block, and Lambda's shared interfaces
 * need few of its addresses. The second one is for networks that have the first.
 */
const BLOCKS = ['100.64.0.0/24', '100.127.255.0/24'] as const;

/** Returns the block for subnets with a way out, which is outside the network's own. */
export function egressBlock(isTaken: (block: string) => boolean): string {
  return BLOCKS.find((block) => !isTaken(block)) ?? BLOCKS[0];
}

/** Returns a zone's 64 addresses, of four zones at most, which is more than endpoints have: half of them for functions, the smallest possible subnets for firewall and NAT. */
export function zoneBlocks(block: string, zone: number): ZoneBlocks {
  const prefix = block.replace(/\d+\/\d+$/, '');
  const first = zone * 64;
  return { functions: `${prefix}${first}/27`, firewall: `${prefix}${first + 32}/28`, nat: `${prefix}${first + 48}/28` };
}
