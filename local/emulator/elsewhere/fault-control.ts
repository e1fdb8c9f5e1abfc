import type { IncomingMessage, RequestListener } from 'node:http';
import * as v from 'valibot';
import { SERVICE_FAULTS, type ServiceFaults } from './service-faults';

/** A fault, as it is sent by any program. */
export const FAULT_ORDER = v.strictObject({
  fault: v.picklist(SERVICE_FAULTS),
  times: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1))),
  path: v.optional(v.string()),
});

const PATH = /^\/faults\/(?<name>[a-z-]{1,64})$/;
const MAX_ORDER_BYTES = 4_096;

/** Returns a listener for `PUT /faults/NAME`, which sets a stand-in's fault, and `DELETE /faults/NAME`. */
export function faultControl(faults: ServiceFaults): RequestListener {
  return (request, response) => {
    const { name } = PATH.exec(request.url ?? '')?.groups ?? {};
    if (name === undefined || (request.method !== 'PUT' && request.method !== 'DELETE')) {
      request.resume();
      response.writeHead(405, { allow: 'CONNECT' }).end();
      return;
    }
    control(request, name, faults).then(
      (refusal) => response.writeHead(refusal === undefined ? 204 : 400).end(refusal),
      () => response.destroy(),
    );
  };
}

/** Returns the reason of a refusal. */
async function control(request: IncomingMessage, name: string, faults: ServiceFaults): Promise<string | undefined> {
  const order = v.safeParse(FAULT_ORDER, parse(await readText(request)));
  if (request.method === 'PUT' && !order.success) {
    return `expected { "fault": one of ${SERVICE_FAULTS.join(', ')}, "times"?: 1 or more, "path"?: text }, got something else\n`;
  }
  try {
    faults.set(name, request.method === 'PUT' && order.success ? order.output : undefined);
    return undefined;
  } catch (error) {
    return `${error instanceof Error ? error.message : 'refused'}\n`;
  }
}

/** Throws if the body is too long. */
async function readText(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of request as AsyncIterable<Buffer>) {
    text += chunk.toString();
    if (text.length > MAX_ORDER_BYTES) throw new Error(`expected at most ${MAX_ORDER_BYTES} bytes, got more`);
  }
  return text;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
