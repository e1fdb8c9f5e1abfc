import type { Plugin } from 'esbuild';
import { builtinModules } from 'node:module';

const NAMESPACE = 'builtin';
/** Names all modules: esbuild then calls the plugin for no import of a package. */
const BUILTIN = new RegExp(`^(node:)?(${builtinModules.join('|')})$`);

/**
 * Lets bundles take Node's modules from `process.getBuiltinModule`. For an import, Node reads every export of the module, and
 * some of these load others: those of `node:process` open the standard streams, and one of `node:http` loads undici. The SDK
 * imports that module at its first request, so that undici was a third of the first call's processor time.
 */
export const withBuiltinModules: Plugin = {
  name: 'with-builtin-modules',
  setup(builder) {
    builder.onResolve({ filter: BUILTIN }, ({ path, kind }) =>
      kind === 'entry-point' ? undefined : { path: path.replace(/^node:/, ''), namespace: NAMESPACE },
    );
    builder.onLoad({ filter: /./, namespace: NAMESPACE }, ({ path }) => ({
      contents: `module.exports = process.getBuiltinModule('node:${path}');`,
    }));
  },
};
