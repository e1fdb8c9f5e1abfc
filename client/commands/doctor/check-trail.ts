import {
  DescribeTrailsCommand,
  GetEventSelectorsCommand,
  type GetEventSelectorsCommandOutput,
  GetTrailStatusCommand,
  type Trail,
} from '@aws-sdk/client-cloudtrail';
import { type Finding, ok, problem, unknown } from './finding';
import { printable } from './printable';
import { hasValue, read } from './read';
import type { Vault } from './vault';

interface Coverage {
  readonly name: string;
  readonly logging: boolean;
  readonly management: boolean;
  readonly lambdaData: boolean;
}

/** Checks that a trail records management events, and Lambda's data events, by which a log row leads to its caller. */
export async function checkTrail(vault: Vault): Promise<readonly Finding[]> {
  const { cloudtrail } = vault.clients;
  const described = await read('cloudtrail:DescribeTrails', () => cloudtrail.send(new DescribeTrailsCommand({})));
  if (!hasValue(described)) return [unknown('trail', described.reason)];
  const trails = await Promise.all((described.value.trailList ?? []).map((trail) => coverageOf(vault, trail)));
  const unread = trails.find((each) => 'reason' in each);
  const read_ = trails.filter((each) => 'coverage' in each).map(({ coverage }) => coverage);
  const active = read_.filter(({ logging }) => logging);
  return [
    judge('trail: management events', active.filter(({ management }) => management), unread?.reason,
      'make a trail with management events, or no change alarm will ever come'), // prettier-ignore
    judge('trail: data events of Lambda', active.filter(({ lambdaData }) => lambdaData), unread?.reason,
      'add data events of AWS::Lambda::Function, or a log row leads to no caller'), // prettier-ignore
  ];
}

function judge(check: string, trails: readonly Coverage[], unread: string | undefined, fix: string): Finding {
  if (trails.length > 0) return ok(check, printable(trails.map(({ name }) => name).join(', ')));
  return unread === undefined ? problem(check, 'no trail records them', fix) : unknown(check, unread);
}

async function coverageOf(
  { clients: { cloudtrail } }: Vault,
  { TrailARN: Name = '', Name: name = '' }: Trail,
): Promise<{ readonly coverage: Coverage } | { readonly reason: string }> {
  const status = await read('cloudtrail:GetTrailStatus', () => cloudtrail.send(new GetTrailStatusCommand({ Name })));
  if (!hasValue(status)) return status;
  const call = () => cloudtrail.send(new GetEventSelectorsCommand({ TrailName: Name }));
  const selectors = await read('cloudtrail:GetEventSelectors', call);
  if (!hasValue(selectors)) return selectors;
  const logging = status.value.IsLogging === true;
  return { coverage: { name, logging, ...coveredBy(selectors.value) } };
}

/** Reads the two forms of selectors; a trail has one of them. */
function coveredBy({ EventSelectors = [], AdvancedEventSelectors = [] }: GetEventSelectorsCommandOutput) {
  const advanced = AdvancedEventSelectors.map(({ FieldSelectors = [] }) => ({
    categories: FieldSelectors.filter(({ Field }) => Field === 'eventCategory').flatMap(({ Equals = [] }) => Equals),
    types: FieldSelectors.filter(({ Field }) => Field === 'resources.type').flatMap(({ Equals = [] }) => Equals),
    readOnly: FieldSelectors.some(({ Field, Equals = [] }) => Field === 'readOnly' && Equals.includes('true')),
  }));
  return {
    management:
      EventSelectors.some((each) => each.IncludeManagementEvents === true && each.ReadWriteType !== 'ReadOnly') ||
      advanced.some(({ categories, readOnly }) => categories.includes('Management') && !readOnly),
    lambdaData:
      EventSelectors.some(({ DataResources = [] }) =>
        DataResources.some(({ Type }) => Type === 'AWS::Lambda::Function'),
      ) || advanced.some(({ types }) => types.includes('AWS::Lambda::Function')),
  };
}
