import { HUGE_BYTES } from '../sizes';
import type { StandInResponse } from '../stand-in';

type Responder = () => Promise<StandInResponse>;
type Faulty = (respond: Responder) => Promise<StandInResponse | undefined>;

const json = (status: number, errors: readonly string[], headers = {}): Faulty =>
  () => Promise.resolve({ status, headers, body: { errors } }); // prettier-ignore

/** What can go wrong at a Vault or on the way to it. */
const FAULTS = {
  throttled: json(429, ['request path "transit": rate limit quota exceeded']),
  /** asks for more time than a call has */
  throttledForLong: json(429, ['request path "transit": rate limit quota exceeded'], { 'retry-after': '3600' }),
  failing: json(500, ['1 error occurred:\n\t* internal error\n\n']),
  sealed: json(503, ['Vault is sealed']),
  /** a node of another data center */
  disasterRecovery: json(472, []),
  performanceStandby: json(473, []),
  /** a node that has not yet what the token's login wrote */
  behind: json(412, ['required index state not present']),
  denied: json(403, ['1 error occurred:\n\t* permission denied\n\n']),
  dropping: () => Promise.resolve(undefined),
  hanging: () => new Promise<never>(() => undefined),
  /** promises a longer body than it sends */
  hangingBody: () => Promise.resolve({ status: 200, headers: { 'content-length': '1000' }, body: '{"data":' }),
  notJson: () => Promise.resolve({ status: 200, headers: { 'content-type': 'text/html' }, body: '<html></html>' }),
  huge: () => Promise.resolve({ status: 200, body: Buffer.alloc(HUGE_BYTES, ' ') }),
  /** a standby node that does not forward */
  redirect: () => Promise.resolve({ status: 307, headers: { location: 'https://active.invalid:8200/v1/' } }),
  /** as a version before 1.13, which warns that it does not know associated data */
  unbound: async (respond: Responder) => {
    const { body, ...response } = await respond();
    const warnings = ['Endpoint ignored these unrecognized parameters: [associated_data]'];
    return { ...response, body: Object.assign({}, body, { warnings }) };
  },
  /** the response of another product, or of an older version of the ciphertext's form */
  foreignVersion: async (respond: Responder) => {
    const { body, ...response } = await respond();
    return { ...response, body: JSON.stringify(body).replace('vault:v', 'bank:v') };
  },
} as const satisfies Readonly<Record<string, Faulty>>;

export type VaultFault = keyof typeof FAULTS;

/** A fault for the next requests, or for all. */
export class VaultFaults {
  #fault: { readonly fault: VaultFault; readonly path: RegExp; left: number } | undefined;

  /**
   * Replaces the fault.
   *
   * @param times number of requests that get it
   * @param path of these requests, such as `/\/login$/`
   */
  set(fault: VaultFault, times = Number.POSITIVE_INFINITY, path = /^/): void {
    this.#fault = { fault, path, left: times };
  }

  clear(): void {
    this.#fault = undefined;
  }

  /** Returns the fault for a request, and counts the request. */
  take(path: string): Faulty | undefined {
    const set = this.#fault;
    if (set === undefined || set.left <= 0 || !set.path.test(path)) return undefined;
    set.left -= 1;
    return FAULTS[set.fault];
  }
}
