import { registerHooks } from 'node:module';

/** Simulates a machine without the package that evaluates policies. */
registerHooks({
  resolve(specifier, context, next) {
    if (!specifier.startsWith('@cloud-copilot/')) return next(specifier, context);
    throw Object.assign(new Error(`Cannot find package '${specifier}'`), { code: 'ERR_MODULE_NOT_FOUND' });
  },
});
