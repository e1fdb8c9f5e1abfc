import type { FunctionPart } from '../template';

const NODE = /^nodejs\d+\.x$/;

/** Returns whether a function runs on this machine: by Node.js, with its code in a folder or in the template. */
export function runsHere({ code, runtime = '' }: FunctionPart): boolean {
  return code.kind !== 'image' && code.kind !== 'archive' && NODE.test(runtime);
}
