import { createHash } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { crc32 } from 'node:zlib';
import type { Content } from './bucket';
import { s3Errors } from './s3-error';

const CHECKSUMS: Readonly<Record<string, (bytes: Uint8Array) => string>> = {
  crc32: (bytes) => {
    const sum = Buffer.alloc(4);
    sum.writeUInt32BE(crc32(bytes));
    return sum.toString('base64');
  },
  sha1: (bytes) => createHash('sha1').update(bytes).digest('base64'),
  sha256: (bytes) => createHash('sha256').update(bytes).digest('base64'),
};
const HEADER = /^x-amz-checksum-(?!algorithm|mode|type)(.+)$/;

/** Returns a new object's content. Throws `BadDigest` if a checksum of the request is another. */
export function contentOf(body: Buffer, headers: IncomingHttpHeaders): Content {
  const { bytes, trailers } = isChunked(headers) ? dechunked(body) : { bytes: Buffer.from(body), trailers: [] };
  const sent = [...Object.entries(headers), ...trailers].flatMap(([name, value]) => {
    const [, algorithm] = HEADER.exec(name) ?? [];
    return algorithm === undefined ? [] : [[algorithm, String(value)] as const];
  });
  for (const [algorithm, value] of sent) {
    const compute = CHECKSUMS[algorithm];
    if (compute === undefined) throw s3Errors.notImplemented(`no checksum ${algorithm} here`);
    if (compute(bytes) !== value) throw s3Errors.badDigest(algorithm.toUpperCase());
  }
  const md5 = createHash('md5').update(bytes);
  const [hex, base64] = [md5.copy().digest('hex'), md5.digest('base64')];
  const given = headers['content-md5'];
  if (given !== undefined && given !== base64) throw s3Errors.badDigest('Content-MD5');
  return {
    ...{ bytes, etag: hex, checksums: Object.fromEntries(sent) },
    contentType: headers['content-type'] ?? 'binary/octet-stream',
  };
}

/** Returns whether a request has a checksum, as uploads with a retention need it. */
export function hasChecksum(headers: IncomingHttpHeaders): boolean {
  return (
    headers['content-md5'] !== undefined || Object.keys(headers).some((name) => HEADER.test(name)) || isChunked(headers)
  );
}

function isChunked(headers: IncomingHttpHeaders): boolean {
  return headers['x-amz-content-sha256'] === 'STREAMING-UNSIGNED-PAYLOAD-TRAILER';
}

/** Reads `aws-chunked`: chunks of a hexadecimal length, then trailers. */
function dechunked(body: Buffer): {
  readonly bytes: Buffer;
  readonly trailers: readonly (readonly [string, string])[];
} {
  const chunks: Buffer[] = [];
  for (let at = 0; ;) {
    const end = body.indexOf('\r\n', at);
    const length = /^[0-9a-f]{1,8}$/i.test(body.toString('latin1', at, end))
      ? parseInt(body.toString('latin1', at, end), 16)
      : NaN;
    if (end < 0 || Number.isNaN(length) || end + 2 + length > body.length)
      throw s3Errors.invalid('expected aws-chunked content, got something else');
    if (length === 0) return { bytes: Buffer.concat(chunks), trailers: trailersOf(body.toString('latin1', end + 2)) };
    chunks.push(body.subarray(end + 2, end + 2 + length));
    at = end + 2 + length + 2;
  }
}

function trailersOf(text: string): readonly (readonly [string, string])[] {
  return text.split('\r\n').flatMap((line) => {
    const [, name, value] = /^([\w-]+):(.*)$/.exec(line) ?? [];
    return name === undefined ? [] : [[name.toLowerCase(), (value ?? '').trim()] as const];
  });
}
