import { registerHooks } from 'node:module';

/** The packages under which the oldest releases that the peer ranges allow are installed. */
const FLOORS = { 'aws-cdk-lib': 'aws-cdk-lib-floor', constructs: 'constructs-floor' };

/** Gives a process the oldest releases instead of the installed ones, whoever asks for them. */
registerHooks({
  resolve(specifier, context, next) {
    const [name, ...path] = specifier.split('/');
    return next([FLOORS[name] ?? name, ...path].join('/'), context);
  },
});
