import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Memory of a vault's functions by default, in MB. Lambda gives a function processor time in proportion to its memory:
 * 1,769 MB are one vCPU (Lambda's developer guide, "Configure Lambda function memory").
 */
const FUNCTION_MB = 512;
const VCPU_MB = 1_769;
const SHARE = FUNCTION_MB / VCPU_MB;
/** Length of the periods that the kernel divides the share over: short, so that it wears on even a short load. */
const PERIOD_US = 20_000;
const MEMORY_BYTES = FUNCTION_MB * 1024 * 1024;

const ROOT = '/sys/fs/cgroup';

/** A control group with a function's share of a processor and its memory. */
export interface Quota {
  /** how a table names it */
  readonly name: string;
  /** files to which a process writes its id to join @default - none: processor time has to be scaled instead */
  readonly joins: readonly string[];
  readonly remove: () => void;
}

/** The share of a processor that a function has, for processor time that has to be scaled. */
export const PROCESSOR_SHARE = SHARE;

/** Makes a quota like that of a function with 512 MB: by cgroup v2, else v1, else by none. Only root may in most cases. */
export function openQuota(root = ROOT): Quota {
  for (const open of [openSecond, openFirst]) {
    try {
      return open(root, `share-vault-bench-${process.pid}`);
    } catch {
      // not mounted here, or not allowed to this user
    }
  }
  return { name: 'no quota: cgroups are not available here', joins: [], remove: () => undefined };
}

function openSecond(root: string, name: string): Quota {
  const controllers = readFileSync(join(root, 'cgroup.controllers'), 'utf8');
  if (!/\bcpu\b/.test(controllers)) throw new Error('expected the controller cpu, got none');
  writeFileSync(join(root, 'cgroup.subtree_control'), '+cpu +memory');
  const group = join(root, name);
  mkdirSync(group);
  write(group, { 'cpu.max': `${Math.round(PERIOD_US * SHARE)} ${PERIOD_US}`, 'memory.max': `${MEMORY_BYTES}` });
  return quota('cgroup v2', [group]);
}

function openFirst(root: string, name: string): Quota {
  const groups = ['cpu', 'memory'].map((controller) => {
    // a folder without it would be a plain one, and limit nothing
    if (!existsSync(join(root, controller, 'cgroup.procs'))) throw new Error(`expected cgroup ${controller}, got none`);
    const group = join(root, controller, name);
    mkdirSync(group);
    return group;
  });
  const [processor = '', memory = ''] = groups;
  write(processor, { 'cpu.cfs_period_us': `${PERIOD_US}`, 'cpu.cfs_quota_us': `${Math.round(PERIOD_US * SHARE)}` });
  write(memory, { 'memory.limit_in_bytes': `${MEMORY_BYTES}` });
  return quota('cgroup v1', groups);
}

function write(group: string, values: Readonly<Record<string, string>>): void {
  for (const [file, value] of Object.entries(values)) {
    if (!existsSync(join(group, file))) throw new Error(`expected ${file}, got none`);
    writeFileSync(join(group, file), value);
  }
}

function quota(version: string, groups: readonly string[]): Quota {
  return {
    name: `${version}: ${FUNCTION_MB} MB, ${SHARE.toFixed(2)} of a processor`,
    joins: groups.map((group) => join(group, 'cgroup.procs')),
    remove: () => groups.forEach((group) => rmdirSync(group)),
  };
}
