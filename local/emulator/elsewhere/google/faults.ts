import { HUGE_BYTES } from '../sizes';
import type { StandInResponse } from '../stand-in';
import { GoogleError, type GoogleStatus } from './google-error';

type Responder = () => Promise<StandInResponse>;
type Faulty = (respond: Responder) => Promise<StandInResponse | undefined>;

const refusing = (status: GoogleStatus, message: string): Faulty =>
  () => Promise.resolve(new GoogleError(status, message).response); // prettier-ignore

/** Changes the members of a response. */
const altering = (alter: (body: Record<string, unknown>) => object): Faulty =>
  async (respond) => {
    const { body, ...response } = await respond();
    return { ...response, body: typeof body === 'object' && !Buffer.isBuffer(body) ? alter(Object.fromEntries(Object.entries(body))) : '' };
  }; // prettier-ignore

const isSum = (name: string): boolean => name === 'ciphertextCrc32c' || name === 'plaintextCrc32c';
const without = (dropped: (name: string) => boolean): Faulty =>
  altering((body) => Object.fromEntries(Object.entries(body).filter(([name]) => !dropped(name))));
const replacing = (chosen: (name: string) => boolean, change: (value: unknown) => unknown): Faulty =>
  altering((body) => Object.fromEntries(Object.entries(body).map(([name, value]) => [name, chosen(name) ? change(value) : value]))); // prettier-ignore

const TOO_MANY = new GoogleError('RESOURCE_EXHAUSTED', 'Quota exceeded.').response;

/** What can go wrong at Google or on the way to it. */
const FAULTS = {
  throttled: () => Promise.resolve(TOO_MANY),
  /** asks for more time than a call has */
  throttledForLong: () => Promise.resolve({ ...TOO_MANY, headers: { 'retry-after': '3600' } }),
  failing: refusing('UNAVAILABLE', 'The service is currently unavailable.'),
  unauthenticated: refusing('UNAUTHENTICATED', 'Request had invalid authentication credentials.'),
  denied: refusing('PERMISSION_DENIED', 'Permission denied.'),
  missing: refusing('NOT_FOUND', 'Not found.'),
  /** the request's bytes changed on their way */
  corrupted: refusing('INVALID_ARGUMENT', 'The checksum in field plaintext_crc32c did not match the data in field plaintext.'), // prettier-ignore
  dropping: () => Promise.resolve(undefined),
  hanging: () => new Promise<never>(() => undefined),
  /** promises a longer body than it sends */
  hangingBody: () => Promise.resolve({ status: 200, headers: { 'content-length': '1000' }, body: '{"name":' }),
  notJson: () => Promise.resolve({ status: 200, headers: { 'content-type': 'text/html' }, body: '<html></html>' }),
  empty: () => Promise.resolve({ status: 200, body: {} }),
  huge: () => Promise.resolve({ status: 200, body: Buffer.alloc(HUGE_BYTES, ' ') }),
  redirect: () => Promise.resolve({ status: 307, headers: { location: 'https://elsewhere.invalid/v1/' } }),
  wrongChecksum: replacing(isSum, () => '1'),
  missingChecksum: without(isSum),
  /** as a service that ignores the sums of a request */
  unverified: without((name) => name.startsWith('verified')),
  otherKey: replacing((name) => name === 'name', (name) => String(name).replace('/cryptoKeys/', '/cryptoKeys/other-')), // prettier-ignore
  /** a key whose name begins with that of the right one */
  longerKey: replacing((name) => name === 'name', (name) => String(name).replace('/cryptoKeyVersions/', '-2/cryptoKeyVersions/')), // prettier-ignore
  notBase64: replacing((name) => name === 'ciphertext' || name === 'plaintext', () => '?'.repeat(44)), // prettier-ignore
} as const satisfies Readonly<Record<string, Faulty>>;

export type GoogleFault = keyof typeof FAULTS;

/** A fault for the next requests, or for all. */
export class GoogleFaults {
  #fault: { readonly fault: GoogleFault; readonly path: RegExp; left: number } | undefined;

  /**
   * Replaces the fault.
   *
   * @param times number of requests that get it
   * @param path of these requests, such as `/:encrypt$/`; by default all but logins
   */
  set(fault: GoogleFault, times = Number.POSITIVE_INFINITY, path = /^(?!\/v1\/token$)/): void {
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
