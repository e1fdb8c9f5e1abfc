import type { Plugin } from 'esbuild';
import { dirname, join, resolve, sep } from 'node:path';

const CONTRACT = join(__dirname, '..', '..', 'lambda', 'contract') + sep;

/**
 * States that a module of lambda/contract has no effect but its exports: a bundle drops one that it uses nothing of. Without
 * it, esbuild would keep every schema, since a property that is read while one is made could have an effect.
 */
export const withPureContract: Plugin = {
  name: 'with-pure-contract',
  setup(builder) {
    builder.onResolve({ filter: /^\.{1,2}\// }, ({ importer, path }) => {
      const file = `${resolve(dirname(importer), path)}.ts`;
      return file.startsWith(CONTRACT) ? { path: file, sideEffects: false } : undefined;
    });
  },
};
