import { randomUUID } from 'node:crypto';
import type { AwsResponse } from '../service';

/** Returns a response whose body is one element. */
export function xml(status: number, element: string, content: string): AwsResponse {
  const body = `<?xml version="1.0" encoding="UTF-8"?>\n<${element}>${content}</${element}>`;
  return { status, headers: { 'content-type': 'application/xml', 'x-amz-request-id': randomUUID() }, body };
}
