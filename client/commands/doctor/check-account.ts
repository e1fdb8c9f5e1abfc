import { GetCallerIdentityCommand } from '@aws-sdk/client-sts';
import { SECRET_ARN_PATTERN } from '../../../lambda/contract/patterns';
import { membersOf } from '../json';
import { type Finding, ok, problem, unknown, verdict } from './finding';
import { printable } from '../printable';
import { hasValue, read } from './read';
import { type Published, type Vault } from './vault';

/** The vault refuses transports that are older than 10 minutes or a minute ahead; AWS refuses signatures off by 5. */
const CLOCK_LIMIT_SECONDS = 60;

/** Checks the caller, this machine's clock, and whether the published parameters belong to this account and region. */
export async function checkAccount(vault: Vault): Promise<readonly Finding[]> {
  const { sts } = vault.clients;
  const dates: string[] = [];
  sts.middlewareStack.add(
    (next) => async (args) => {
      const result = await next(args);
      const { date } = membersOf(membersOf(result.response).headers);
      if (typeof date === 'string') dates.push(date);
      return result;
    },
    // innermost: it sees every response before it is parsed, errors too
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

/** The only parameter that is no ARN. An alias or a key's id is no ARN either; its owner can point it anywhere. */
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
