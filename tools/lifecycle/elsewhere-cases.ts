import { Egress } from '../../lib/egress';
import { added, type Case, plain, type Props, valued, vpc } from './choices';
import { BANK, BODIES, GOOGLE_KEY, SAFE, stated, VAULT_KEY, withGoogle } from './elsewhere-choices';
import type { RecordKeyOptions } from '../../lib/record-key-options';

/** Keys in a network with routes of its own, which these choices leave as it is. */
const routed =
  (keys: RecordKeyOptions = {}): Props =>
  (stack) => ({ vpc: vpc(stack), ...keys });

/** Cases of keys and stores outside AWS, and of recovery keys. */
export const ELSEWHERE_CASES: readonly Case[] = [
  {
    prop: 'shareKey',
    change: 'an external key instead of the one in AWS KMS',
    reverse: 'the one in AWS KMS instead of an external key',
    from: routed(),
    to: routed({ shareKey: GOOGLE_KEY }),
  },
  {
    prop: 'shareKey',
    change: 'another external key',
    reverse: 'the former external key again',
    from: routed({ shareKey: GOOGLE_KEY }),
    to: routed({ shareKey: VAULT_KEY }),
  },
  { prop: 'otherKeys', ...added, from: routed(), to: routed({ otherKeys: [GOOGLE_KEY] }) },
  {
    prop: 'otherKeys',
    change: 'a key added',
    reverse: 'a key removed',
    from: routed({ otherKeys: [GOOGLE_KEY] }),
    to: routed({ otherKeys: [GOOGLE_KEY, VAULT_KEY] }),
  },
  {
    prop: 'openWithOtherKeys',
    ...valued('false', 'true'),
    from: routed({ otherKeys: [GOOGLE_KEY] }),
    to: routed({ otherKeys: [GOOGLE_KEY], openWithOtherKeys: true }),
  },
  { prop: 'recoveryKeys', change: 'a first key added', reverse: 'the last key removed', to: plain(stated([SAFE])) },
  {
    prop: 'recoveryKeys',
    change: 'a second key added',
    reverse: 'one of two keys removed',
    from: plain(stated([SAFE])),
    to: plain(stated([SAFE, BANK])),
  },
  { prop: 'recoveryKeysChange', ...added, from: plain({ recoveryKeys: [SAFE] }), to: plain(stated([SAFE])) },
  { prop: 'bodyStore', ...added, to: plain({ bodyStore: BODIES }) },
  {
    prop: 'egress',
    change: 'a firewall given, with other keys',
    reverse: 'a firewall taken out, with other keys',
    to: plain(withGoogle),
  },
  {
    prop: 'egress',
    change: 'a domain added to a firewall',
    reverse: 'a domain removed from a firewall',
    from: plain(withGoogle),
    to: plain({ ...withGoogle, egress: Egress.firewall({ allowedDomains: ['status.example.com'] }) }),
  },
  {
    prop: 'egress',
    ...valued('natGateway', 'firewall'),
    from: plain({ ...withGoogle, egress: Egress.natGateway() }),
    to: plain(withGoogle),
  },
];
