import type { ErrorCode, WebhookCode } from '../../lambda/contract/codes';
import type { Posted } from './post';

/** The meaning of the vault's codes for a test of a webhook, with advice. */
const BY_CODE: Readonly<Partial<Record<ErrorCode | WebhookCode, string>>> = {
  SignatureMismatch:
    "the vault holds another signing secret: enter the one that Dynamic's console shows with share-vault webhook-secret",
  SecretUnavailable:
    'the signing secret is empty, or the function can not read it: fill it with share-vault webhook-secret, then see the log of the function',
  InvalidRequest:
    'the vault did not understand the event: is the clock of this machine right, and is the vault of the same version',
  TransportRejected: 'no webhook key of the vault opens what was sent: is it the key of this environment',
  Conflict: 'the event belongs to another wallet: try again',
  StoreUnavailable: 'the database is paused, starting or out of reach: try again in a minute',
  KeyThrottled: 'KMS asks to slow down: try again, and look at the quotas of KMS',
  KeyTimeout: 'KMS did not respond in time: try again, and look at the endpoint of KMS in the network',
  KeyUnreachable: 'KMS can not be reached: look at the endpoint of KMS in the network',
  KeyUnavailable: 'a key is disabled, pending deletion or not allowed: see the log of the function',
  Misconfigured: 'the function lacks settings: deploy again, and see its log',
  InternalError: 'the vault failed: see the log of the function',
  SupersededDestroyed: 'the vault knows something newer of the wallet: is the clock of this machine right',
  Outdated: 'the vault knows something newer of the wallet: is the clock of this machine right',
  Duplicate: 'the vault has seen this delivery before: something on the way sends it twice',
  Ignored: 'the vault has no use for the event: is it of the same version',
};

/** Explains a response that is not the vault's: API Gateway's, another host's, or none. */
function byStatus({ status, code }: Posted): string {
  if (status === undefined && code === 'timeout')
    return 'no response came in time: is the URL right, and reachable from here';
  if (status === undefined) return 'nothing responds at this URL: is it right, and reachable from here';
  if (status === 404)
    return 'there is no such path: expected the URL that the vault publishes, ending in /webhooks/dynamic';
  if (status === 403) return 'something before the vault refuses the call: a firewall, or the throttle of another API';
  if (status === 429) return 'API Gateway asks to slow down: try again, and look at the throttle of the webhook';
  if (status === 502 || status === 503 || status === 504)
    return 'API Gateway got no response of the function in time, or may not run it: see its log';
  if (status >= 300 && status < 400)
    return 'something before the vault redirects, which Dynamic may not follow: use the URL that it leads to';
  return 'this is no response of a vault: is the URL right';
}

/** Returns one line that explains an unexpected response. */
export function explain(posted: Posted): string {
  const known = Object.entries(BY_CODE).find(([code]) => code === posted.code && posted.status !== undefined);
  const log = posted.requestId === undefined ? '' : ` (request ${posted.requestId})`;
  return `${known?.[1] ?? byStatus(posted)}${log}`;
}
