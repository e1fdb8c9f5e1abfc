import { DescribeAlarmsCommand, GetMetricStatisticsCommand, type MetricAlarm } from '@aws-sdk/client-cloudwatch';
import { ListRulesCommand, type Rule } from '@aws-sdk/client-eventbridge';
import { ListSubscriptionsByTopicCommand } from '@aws-sdk/client-sns';
import { type Finding, ok, problem, unknown, verdict } from './finding';
import { printable } from '../printable';
import { type Read, hasValue, read } from './read';
import type { Vault } from './vault';

const PAGES = 50;
const WEEK_MS = 7 * 86_400_000;

/** Checks that the vault's alarms act, that somebody hears them, and that its rules deliver. */
export async function checkAlarms(vault: Vault): Promise<readonly Finding[]> {
  const alarms = await read('cloudwatch:DescribeAlarms', () => alarmsOf(vault));
  const rules = await read('events:ListRules', () => rulesOf(vault));
  return [...(await judgeAlarms(vault, alarms)), ...(await judgeRules(vault, rules))];
}

/** The vault's alarms and rules say so in their descriptions; their names are CloudFormation's. */
function describes({ environment }: Vault, description: string | undefined): boolean {
  return description?.startsWith(`share vault ${environment}: `) === true;
}

async function alarmsOf(vault: Vault): Promise<readonly MetricAlarm[]> {
  const found: MetricAlarm[] = [];
  let NextToken: string | undefined;
  for (let page = 0; page < PAGES; page += 1) {
    const response = await vault.clients.cloudwatch.send(new DescribeAlarmsCommand({ NextToken, MaxRecords: 100 }));
    found.push(...(response.MetricAlarms ?? []));
    NextToken = response.NextToken;
    if (NextToken === undefined) break;
  }
  return found.filter(({ AlarmDescription }) => describes(vault, AlarmDescription));
}

async function judgeAlarms(vault: Vault, alarms: Read<readonly MetricAlarm[]>): Promise<readonly Finding[]> {
  if (!hasValue(alarms)) return [unknown('alarms', alarms.reason)];
  const all = alarms.value;
  if (all.length === 0) return [problem('alarms', 'none', 'deploy again')];
  const silent = all.filter(
    ({ ActionsEnabled, AlarmActions = [] }) => ActionsEnabled !== true || AlarmActions.length === 0,
  );
  const ringing = all.filter(({ StateValue }) => StateValue === 'ALARM');
  const topics = new Set(all.flatMap(({ AlarmActions = [] }) => AlarmActions).filter((arn) => arn.includes(':sns:')));
  return [
    verdict('alarms: actions', silent.length === 0, silent.length === 0 ? `on for all ${all.length}` : `off for ${namesOf(silent)}`, 'aws cloudwatch enable-alarm-actions --alarm-names …'), // prettier-ignore
    verdict('alarms: state', ringing.length === 0, ringing.length === 0 ? 'none rings' : `ringing: ${namesOf(ringing)}`, 'look into each; a run of doctor raises the one on calls without an actor for some minutes'), // prettier-ignore
    ...(await Promise.all([...topics].map((topic) => checkTopic(vault, topic)))),
  ];
}

function namesOf(alarms: readonly MetricAlarm[]): string {
  return printable(
    alarms.map(({ AlarmDescription = '' }) => AlarmDescription.replace(/^share vault \S+: /, '')).join('; '),
  );
}

async function checkTopic({ clients: { sns } }: Vault, TopicArn: string): Promise<Finding> {
  const check = 'alarms: subscribers';
  const listed = await read('sns:ListSubscriptionsByTopic', () =>
    sns.send(new ListSubscriptionsByTopicCommand({ TopicArn })),
  );
  if (!hasValue(listed)) return unknown(check, listed.reason);
  const confirmed = (listed.value.Subscriptions ?? []).filter(({ SubscriptionArn }) =>
    SubscriptionArn?.startsWith('arn:'),
  );
  const fix = `aws sns subscribe --topic-arn ${TopicArn} --protocol email --notification-endpoint …`;
  return verdict(check, confirmed.length > 0, `${confirmed.length} confirmed`, fix);
}

async function rulesOf(vault: Vault): Promise<readonly Rule[]> {
  const found: Rule[] = [];
  let NextToken: string | undefined;
  for (let page = 0; page < PAGES; page += 1) {
    const response = await vault.clients.events.send(new ListRulesCommand({ NextToken, Limit: 100 }));
    found.push(...(response.Rules ?? []));
    NextToken = response.NextToken;
    if (NextToken === undefined) break;
  }
  return found.filter(({ Description }) => describes(vault, Description));
}

async function judgeRules(vault: Vault, rules: Read<readonly Rule[]>): Promise<readonly Finding[]> {
  if (!hasValue(rules)) return [unknown('rules', rules.reason)];
  const off = rules.value.filter(({ State }) => !State?.startsWith('ENABLED'));
  const offNames = printable(off.map(({ Name = '' }) => Name).join(', '));
  const state =
    rules.value.length === 0
      ? problem('rules: state', 'none', 'deploy again')
      : verdict('rules: state', off.length === 0, off.length === 0 ? `all ${rules.value.length} enabled` : `off: ${offNames}`, 'aws events enable-rule --name …'); // prettier-ignore
  return [state, await checkFailures(vault, rules.value)];
}

/** A rule that can't deliver says so in this metric, and nowhere else. */
async function checkFailures(vault: Vault, rules: readonly Rule[]): Promise<Finding> {
  const check = 'rules: failed deliveries';
  const counts = await read('cloudwatch:GetMetricStatistics', () =>
    Promise.all(rules.map((rule) => failuresOf(vault, rule))),
  );
  if (!hasValue(counts)) return unknown(check, counts.reason);
  const failing = rules.filter((_, index) => (counts.value[index] ?? 0) > 0).map(({ Name = '' }) => Name);
  if (failing.length === 0) return ok(check, 'none in 7 days');
  return problem(check, printable(`in 7 days: ${failing.join(', ')}`), "compare the topic's policy and the storage key's with the template"); // prettier-ignore
}

async function failuresOf({ clients: { cloudwatch } }: Vault, { Name }: Rule): Promise<number> {
  const EndTime = new Date();
  const response = await cloudwatch.send(
    new GetMetricStatisticsCommand({
      Namespace: 'AWS/Events',
      MetricName: 'FailedInvocations',
      Dimensions: [{ Name: 'RuleName', Value: Name }],
      StartTime: new Date(EndTime.getTime() - WEEK_MS),
      EndTime,
      Period: 86_400,
      Statistics: ['Sum'],
    }),
  );
  return (response.Datapoints ?? []).reduce((sum, { Sum = 0 }) => sum + Sum, 0);
}
