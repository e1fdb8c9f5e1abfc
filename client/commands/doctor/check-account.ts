import { GetCallerIdentityCommand } from '@aws-sdk/client-sts';
import { SECRET_ARN_PATTERN } from '../../../lambda/contract/patterns';
import { membersOf } from '../json';
import { type Finding, ok, problem, unknown, verdict } from './finding';
import { printable } from '../printable';
import { hasValue, read } from './read';
import { type Published, type Vault } from './vault';

/** The vault refuses transports that are older than 10 minutes or a minute ahead; AWS refuses signatures off by 5. */
const CLOCK_LIMIT_SECONDS = 60;

/** Checks who calls, this machine's clock, and whether what the vault publishes belongs to this account and region. */
export async function checkAccount(vault: Vault): Promise<readonly Finding[]> {
  const { sts } = vault.clients;
  const dates: string[] = [];
  sts.middlewareStack.add(
    (next) => async (args) => {
      const answered = await next(args);
      const { date } = membersOf(membersOf(answered.response).headers);
      if (typeof date === 'string') dates.push(date);
      return answered;
    },
    // innermost, so that responses are seen before they are read, errors too
    { step: 'deserialize', priority: 'low' },
  );
  const identity = await read('sts:GetCallerIdentity', () => sts.send(new GetCallerIdentityCommand({})));
  const caller = hasValue(identity)
    ? ok('caller', printable(identity.value.Arn ?? 'no name'))
    : unknown('caller', identity.reason);
  return [caller, checkClock(dates.at(-1)), ...checkPublished(vault)];
}

function checkClock(date: string | undefined): Finding {
  const theirs = date === undefined ? NaN : Date.parse(date);
  if (Number.isNaN(theirs)) return unknown('clock', 'no service gave its time');
  const seconds = Math.round((Date.now() - theirs) / 1_000);
  const found =
    Math.abs(seconds) < 2 ? 'agrees with AWS' : `${Math.abs(seconds)} s ${seconds > 0 ? 'ahead' : 'behind'}`;
  const fix = 'set the clock by NTP: the vault refuses what is sealed 10 minutes behind or 1 minute ahead';
  return verdict('clock', Math.abs(seconds) <= CLOCK_LIMIT_SECONDS, found, fix);
}

function checkPublished({ environment, published }: Vault): readonly Finding[] {
  const check = 'published parameters';
  if (!hasValue(published)) return [unknown(check, published.reason)];
  const parameters = published.value;
  const where = `under /share-vault/${environment}/`;
  if (parameters.length === 0) {
    return [problem(check, `none ${where}`, 'deploy the vault, or name the right --environment, account and region')];
  }
  const foreign = parameters.filter(isForeign);
  const names = foreign.map(({ path, value }) => `${path} → ${value}`).join(', ');
  const fix = 'find out who wrote it (CloudTrail: PutParameter), and deploy again';
  if (foreign.length > 0) return [problem(check, printable(`no ARN of this account and region: ${names}`), fix)];
  return [ok(check, `${parameters.length} ${where}, all of this account and region`)];
}

/** The one parameter that is no ARN. An alias or an id of a key is none either, and leads wherever its owner wants. */
const URL_PATH = 'webhook/url';

/** A private key that existed before the vault may be another account's secret. */
function isForeign({ path, value, arn }: Published): boolean {
  if (path === URL_PATH) return false;
  if (path.startsWith('keys/webhook/') && SECRET_ARN_PATTERN.test(value)) return false;
  if (!value.startsWith('arn:')) return true;
  const [, , , region, account] = value.split(':');
  const [, , , ownRegion, ownAccount] = arn.split(':');
  return region !== ownRegion || account !== ownAccount;
}
