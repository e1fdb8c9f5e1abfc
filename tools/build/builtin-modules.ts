import type { Plugin } from 'esbuild';
import { builtinModules } from 'node:module';

const NAMESPACE = 'builtin';

/**
 * Lets bundles take Node's modules from `process.getBuiltinModule`. For an import, Node reads every export of the module, and
 * some of these load others: those of `node:process` open the standard streams, and one of `node:http` loads undici. The SDK
 * imports that module at its first request, so that undici was a third of the first call's processor time.
 */
export const withBuiltinModules: Plugin = {
  name: 'with-builtin-modules',
  setup(builder) {
    builder.onResolve({ filter: /^[a-z]/ }, ({ path, kind }) => {
      const name = path.replace(/^node:/, '');
      const isImport = kind !== 'entry-point' && builtinModules.includes(name);
      return isImport ? { path: name, namespace: NAMESPACE } : undefined;
    });
    builder.onLoad({ filter: /./, namespace: NAMESPACE }, ({ path }) => ({
      contents: `module.exports = process.getBuiltinModule('node:${path}');`,
    }));
  },
};
