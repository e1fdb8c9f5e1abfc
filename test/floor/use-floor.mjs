import { registerHooks } from 'node:module';

/** The packages that hold the oldest releases that the peer ranges allow. */
const FLOORS = { 'aws-cdk-lib': 'aws-cdk-lib-floor', constructs: 'constructs-floor' };

/** Gives a process the oldest releases instead of the installed ones, for every import. */
registerHooks({
  resolve(specifier, context, next) {
    const [name, ...path] = specifier.split('/');
    return next([FLOORS[name] ?? name, ...path].join('/'), context);
  },
});
