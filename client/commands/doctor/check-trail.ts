import {
  DescribeTrailsCommand,
  GetEventSelectorsCommand,
  type AdvancedEventSelector,
  type AdvancedFieldSelector,
  type EventSelector,
  type GetEventSelectorsCommandOutput,
  GetTrailStatusCommand,
  type Trail,
} from '@aws-sdk/client-cloudtrail';
import { type Finding, ok, problem, unknown } from './finding';
import { printable } from '../printable';
import { hasValue, read } from './read';
import type { Vault } from './vault';

const LAMBDA = 'AWS::Lambda::Function';

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
      'make a trail with all management events, those of KMS too, or change alarms never come'), // prettier-ignore
    judge('trail: data events of Lambda', active.filter(({ lambdaData }) => lambdaData), unread?.reason,
      'add data events of all functions (AWS::Lambda::Function), or a log row leads to no caller'), // prettier-ignore
  ];
}

function judge(check: string, trails: readonly Coverage[], unread: string | undefined, fix: string): Finding {
  if (trails.length > 0) return ok(check, printable(trails.map(({ name }) => name).join(', ')));
  return unread === undefined ? problem(check, 'no trail records all of them', fix) : unknown(check, unread);
}

async function coverageOf(
  { clients: { cloudtrail }, functions }: Vault,
  { TrailARN: Name = '', Name: name = '' }: Trail,
): Promise<{ readonly coverage: Coverage } | { readonly reason: string }> {
  const status = await read('cloudtrail:GetTrailStatus', () => cloudtrail.send(new GetTrailStatusCommand({ Name })));
  if (!hasValue(status)) return status;
  const call = () => cloudtrail.send(new GetEventSelectorsCommand({ TrailName: Name }));
  const selectors = await read('cloudtrail:GetEventSelectors', call);
  if (!hasValue(selectors)) return selectors;
  const logging = status.value.IsLogging === true;
  const unseal = functions.get('unseal');
  const functionArn = unseal && hasValue(unseal) ? unseal.value.FunctionArn : undefined;
  return { coverage: { name, logging, ...coveredBy(selectors.value, functionArn) } };
}

/** Reads the two forms of selectors; a trail has one of them. */
function coveredBy(
  { EventSelectors = [], AdvancedEventSelectors = [] }: GetEventSelectorsCommandOutput,
  functionArn: string | undefined,
): Pick<Coverage, 'management' | 'lambdaData'> {
  return {
    management: EventSelectors.some(recordsChanges) || AdvancedEventSelectors.some(recordsChangesByField),
    lambdaData:
      EventSelectors.some(({ DataResources = [] }) =>
        DataResources.some(({ Type, Values }) => Type === LAMBDA && matches(Values, functionArn)),
      ) || AdvancedEventSelectors.some((selector) => recordsCallsByField(selector, functionArn)),
  };
}

/** A trail that leaves events of KMS out misses those of the vault's keys, and no alarm on them comes. */
function recordsChanges({ IncludeManagementEvents, ReadWriteType, ExcludeManagementEventSources }: EventSelector) {
  const all = (ExcludeManagementEventSources ?? []).length === 0;
  return all && IncludeManagementEvents === true && ReadWriteType !== 'ReadOnly';
}

/** Any further field narrows the selector: it then records some services, or leaves some out. */
function recordsChangesByField({ FieldSelectors = [] }: AdvancedEventSelector): boolean {
  const others = FieldSelectors.filter(({ Field }) => Field !== 'eventCategory');
  return isOf(FieldSelectors, 'eventCategory', 'Management') && others.every(isOfWrites);
}

function recordsCallsByField({ FieldSelectors = [] }: AdvancedEventSelector, functionArn: string | undefined): boolean {
  const others = FieldSelectors.filter(({ Field = '' }) => !['eventCategory', 'resources.type'].includes(Field));
  return (
    isOf(FieldSelectors, 'resources.type', LAMBDA) &&
    others.every((each) => isOfWrites(each) || (each.Field === 'resources.ARN' && matches(valuesOf(each), functionArn)))
  );
}

function isOf(fields: readonly AdvancedFieldSelector[], name: string, value: string): boolean {
  return fields.some(({ Field, Equals = [] }) => Field === name && Equals.includes(value));
}

function isOfWrites({ Field, Equals = [] }: AdvancedFieldSelector): boolean {
  return Field === 'readOnly' && !Equals.includes('true');
}

/** Returns the ARNs, or beginnings of ARNs, that a selector takes; none if it takes them by another operator. */
function valuesOf({ Equals, StartsWith }: AdvancedFieldSelector): string[] {
  return [...(Equals ?? []), ...(StartsWith ?? [])];
}

/** Returns whether values of a selector take a function in: each is an ARN, or the beginning of one. */
function matches(values: readonly string[] = [], functionArn: string | undefined): boolean {
  return functionArn === undefined ? values.length > 0 : values.some((value) => functionArn.startsWith(value));
}
