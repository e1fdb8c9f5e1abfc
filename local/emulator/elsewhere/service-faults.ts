import type { StandIn, StandInResponse } from './stand-in';

type Faulty = (respond: () => Promise<StandInResponse | undefined>) => Promise<StandInResponse | undefined>;

/** A refusal as each of the services words it: every client reads its own member. */
const refusing =
  (status: number, name: string): Faulty =>
  () =>
    Promise.resolve({
      status,
      body: { error: { code: name, status: name, message: 'injected fault' }, errors: ['injected fault'] },
    });

/** Members that hold ciphertext, plaintext, or a secret's value in the responses of some service. */
const DATA = /^(ciphertext|plaintext|value|data|body)$/;

const FAULTS = {
  throttled: refusing(429, 'RESOURCE_EXHAUSTED'),
  failing: refusing(503, 'UNAVAILABLE'),
  /** as without the right */
  denied: refusing(403, 'PERMISSION_DENIED'),
  /** as of a key or an entry that was destroyed */
  missing: refusing(404, 'NOT_FOUND'),
  dropping: () => Promise.resolve(undefined),
  hanging: () => new Promise<never>(() => undefined),
  'not-json': () => Promise.resolve({ status: 200, headers: { 'content-type': 'text/html' }, body: '<html></html>' }),
  /** one character of each ciphertext, plaintext and value is another one */
  changed: async (respond) => {
    const response = await respond();
    if (typeof response?.body !== 'object' || Buffer.isBuffer(response.body) || 'pipe' in response.body)
      return response;
    return { ...response, body: Buffer.from(JSON.stringify(response.body, changeData)) };
  },
} as const satisfies Readonly<Record<string, Faulty>>;

export type ServiceFault = keyof typeof FAULTS;
export const SERVICE_FAULTS = Object.keys(FAULTS) as readonly ServiceFault[];

/** A fault to inject into a stand-in. */
export interface FaultOrder {
  readonly fault: ServiceFault;
  /** number of requests that get it @default - all */
  readonly times?: number | undefined;
  /** part of the host and path of these requests, such as `:decrypt` @default - all */
  readonly path?: string | undefined;
}

/** The faults that are set, one for each name of a stand-in. */
export class ServiceFaults {
  readonly #orders = new Map<string, { readonly order: FaultOrder; left: number }>();

  constructor(private readonly standIns: readonly Pick<StandIn, 'name'>[]) {}

  /** Replaces the fault of a stand-in; undefined removes it. Throws if there is no such stand-in. */
  set(name: string, order: FaultOrder | undefined): void {
    const names = [...new Set(this.standIns.map((standIn) => standIn.name))];
    if (!names.includes(name)) {
      throw new TypeError(`expected a stand-in that runs (${names.join(', ') || 'none'}), got another name`);
    }
    if (order === undefined) this.#orders.delete(name);
    else this.#orders.set(name, { order, left: order.times ?? Number.POSITIVE_INFINITY });
  }

  /** Returns a stand-in that has the faults that are set for its name. */
  wrap(standIn: StandIn): StandIn {
    return {
      name: standIn.name,
      serves: (host, port) => standIn.serves(host, port),
      respond: async (request) => {
        const respond = (): Promise<StandInResponse | undefined> => standIn.respond(request);
        return await (this.#take(standIn.name, request.url)?.(respond) ?? respond());
      },
    };
  }

  #take(name: string, { host, pathname }: URL): Faulty | undefined {
    const set = this.#orders.get(name);
    if (set === undefined || set.left <= 0 || !`${host}${pathname}`.includes(set.order.path ?? '')) return undefined;
    set.left -= 1;
    return FAULTS[set.order.fault];
  }
}

function changeData(name: string, value: unknown): unknown {
  if (typeof value !== 'string' || !DATA.test(name) || value === '') return value;
  const middle = Math.floor(value.length / 2);
  return `${value.slice(0, middle)}${value[middle] === 'A' ? 'B' : 'A'}${value.slice(middle + 1)}`;
}
