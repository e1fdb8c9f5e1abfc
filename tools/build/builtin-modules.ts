import type { Plugin } from 'esbuild';
import { builtinModules } from 'node:module';

const NAMESPACE = 'builtin';

/**
 * Lets bundles take Node's modules from `process.getBuiltinModule`. For an import, Node reads every export of the module, and
 * some of these load others: those of `node:process` open the standard streams, and some of `node:util` and `node:fs` load
 * what no function uses. Dynamic imports stay as they are.
 */
export const withBuiltinModules: Plugin = {
  name: 'with-builtin-modules',
  setup(builder) {
    builder.onResolve({ filter: /^[a-z]/ }, ({ path, kind }) => {
      const name = path.replace(/^node:/, '');
      const isStatic = kind === 'import-statement' || kind === 'require-call';
      return isStatic && builtinModules.includes(name) ? { path: name, namespace: NAMESPACE } : undefined;
    });
    builder.onLoad({ filter: /./, namespace: NAMESPACE }, ({ path }) => ({
      contents: `module.exports = process.getBuiltinModule('node:${path}');`,
    }));
  },
};
