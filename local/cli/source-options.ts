import type { Options } from '../../client/commands/command';

/** The options of commands that read stacks. */
export const SOURCE_OPTIONS: Options = {
  template: {
    value: 'FILE',
    about:
      'use NAME.template.json of a cdk.out folder, with the stacks that it needs (by default the template of a vault in the environment dev)',
  },
  app: { value: 'DIR', about: 'use all stacks of this cdk.out folder' },
  stack: {
    value: 'NAME',
    about: 'with --app: use only this stack, with the stacks that it needs; may be repeated',
    repeated: true,
  },
  parameter: {
    value: 'NAME=VALUE',
    about:
      "set a stack's parameter; STACK:NAME=VALUE sets it for one stack, NAME=@FILE reads the value from a file; may be repeated",
    repeated: true,
  },
  'ssm-parameter': {
    value: 'NAME=VALUE',
    about: 'set a parameter of Parameter Store that no stack publishes; may be repeated',
    repeated: true,
  },
};

/** The options of commands that also run the stacks. */
export const SECRET_OPTIONS: Options = {
  secret: {
    value: 'NAME=FILE',
    about: "create a secret, by its name or ARN, with a file's content as its value; may be repeated",
    repeated: true,
  },
};
