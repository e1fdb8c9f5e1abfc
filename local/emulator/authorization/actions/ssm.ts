import * as v from 'valibot';
import { type Operations, type Place, type ReadActions, NAME, readMembers } from './call';

const ONE = v.object({ Name: NAME });
const SEVERAL = v.object({ Names: v.pipe(v.array(NAME), v.minLength(1), v.maxLength(10)) });
const PATH = v.object({ Path: NAME, Recursive: v.optional(v.boolean(), false) });

export const ssmOperations: Operations = {
  GetParameter: onOne('GetParameter'),
  PutParameter: onOne('PutParameter'),
  DeleteParameter: onOne('DeleteParameter'),
  GetParameters: (input, place) =>
    readMembers(SEVERAL, input).Names.map((name) => ({
      action: 'ssm:GetParameters',
      resource: arnOf(name, place),
      facts: {},
    })),
  GetParametersByPath: (input, place) => {
    const { Path, Recursive } = readMembers(PATH, input);
    // a path may end in a slash, but its ARN doesn't
    const resource = arnOf(Path.replace(/\/$/, ''), place);
    return [{ action: 'ssm:GetParametersByPath', resource, facts: { parametersRecursive: Recursive } }];
  },
};

function onOne(operation: string): ReadActions {
  return (input, place) => [
    { action: `ssm:${operation}`, resource: arnOf(readMembers(ONE, input).Name, place), facts: {} },
  ];
}

/** Returns a parameter's ARN. It has neither the name's leading slash nor the version or label after a colon. */
function arnOf(name: string, { region, account }: Place): string {
  if (name.startsWith('arn:')) return name.split(':').slice(0, 6).join(':');
  const [plain = ''] = name.split(':');
  return `arn:aws:ssm:${region}:${account}:parameter/${plain.replace(/^\//, '')}`;
}
