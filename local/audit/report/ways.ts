import type { Access, Reach } from './schema';
import type { AlarmRules } from './alarm-rules';

type Way = Reach['ways'][number];

interface KnownWay {
  readonly request: RegExp;
  readonly reaches: Way['reaches'];
  /** what has to follow the request */
  readonly then: readonly string[];
  /** what reports it besides a rule on the event */
  readonly seen?: string;
}

const RUN = 'its next invocation runs the change, with its role';
const CIPHERTEXT = 'read ciphertext: a database login, the master secret or a snapshot';

/** Indirect ways of an administrator, whom no direct decrypt is allowed. What SECURITY.md lists, by requests. */
const WAYS: readonly KnownWay[] = [
  { request: /^lambda:InvokeFunction unseal:(?!\$)/, reaches: 'material', then: [], seen: 'a row of the access log' }, // prettier-ignore
  { request: /^lambda:(UpdateFunctionCode|UpdateFunctionConfiguration) (?!cdk)/, reaches: 'material', then: [RUN] },
  { request: /^lambda:UpdateAlias /, reaches: 'material', then: ['publish a version with other code', RUN] },
  { request: /^lambda:(AddPermission|CreateFunctionUrlConfig) /, reaches: 'material', then: ['invoke it as an actor from elsewhere'] }, // prettier-ignore
  { request: /^kms:PutKeyPolicy (?:intake|webhook) key.*with the lockout check/, reaches: 'material', then: ['capture a delivery or a request', 'kms:Decrypt'] }, // prettier-ignore
  { request: /^kms:PutKeyPolicy share key.*with the lockout check/, reaches: 'material', then: [CIPHERTEXT, 'kms:Decrypt'] }, // prettier-ignore
  { request: /^iam:PassRole /, reaches: 'material', then: ['create another function with the role', "lift the role's denial outside its own function", CIPHERTEXT] }, // prettier-ignore
  { request: /^iam:(UpdateAssumeRolePolicy|AttachRolePolicy|PutRolePolicy|CreatePolicyVersion) /, reaches: 'material', then: ["lift the role's denial outside its own function", CIPHERTEXT, 'kms:Decrypt'] }, // prettier-ignore
  { request: /^cloudformation:(UpdateStack|CreateChangeSet) stack/, reaches: 'material', then: ['any other way of this list, by an update'], seen: "the alarms of the update's own calls" }, // prettier-ignore
  { request: /^states:UpdateStateMachine /, reaches: 'ciphertext', then: ['its role may call one alias only'] },
  { request: /^ssm:PutParameter of the (?:webhook key|recovery keys)/, reaches: 'later material', then: ['a sender takes the other key from the parameter'] }, // prettier-ignore
  { request: /^rds-db:connect /, reaches: 'ciphertext', then: [] },
  { request: /^secretsmanager:GetSecretValue master secret/, reaches: 'ciphertext', then: ['log in as the master'] },
  { request: /^rds:ModifyDBCluster /, reaches: 'ciphertext', then: ['set another master password'] },
];

const ORDER: readonly Way['reaches'][] = ['material', 'later material', 'ciphertext'];

/** Returns the ways that the policies leave an administrator, the shortest to material first. */
export function waysOf({ decisions, requests }: Access, alarms: AlarmRules): Reach['ways'] {
  const actions = new Map(requests.map(({ name, action }) => [name, action]));
  const allowed = decisions.filter(({ principal, result }) => principal === 'administrator' && result === 'allowed');
  const ways = allowed.flatMap(({ request, by, deniedByControl }) => {
    const known = WAYS.find((way) => way.request.test(request));
    if (known === undefined) return [];
    const action = actions.get(request) ?? '';
    const measured = action === 'lambda:InvokeFunction' ? alarms.onMetric('Unsealed') : [];
    const rules = [...alarms.of(action), ...measured, ...(known.seen === undefined ? [] : [known.seen])];
    return [
      {
        request,
        steps: [request, ...known.then],
        reaches: known.reaches,
        by,
        alarms: rules,
        deniedByControl: deniedByControl ?? [],
      },
    ];
  });
  return ways.toSorted(
    (one, other) => ORDER.indexOf(one.reaches) - ORDER.indexOf(other.reaches) || one.steps.length - other.steps.length,
  );
}
