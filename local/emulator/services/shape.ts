import * as v from 'valibot';
import { AwsError } from './errors';

/** Reads a request's JSON; what does not fit is AWS's `ValidationException`, which names members and never values. */
export function readInput<S extends v.GenericSchema>(schema: S, input: unknown): v.InferOutput<S> {
  const read = v.safeParse(schema, input);
  if (read.success) return read.output;
  const problems = read.issues.map((issue) => {
    const at = v.getDotPath(issue) ?? 'the request';
    return `Value at '${at}' failed to satisfy constraint: expected ${issue.expected ?? issue.type}`;
  });
  throw new AwsError('ValidationException', `${problems.length} validation error detected: ${problems.join('; ')}`);
}

/** Bytes, which the protocol carries in base64, in memory of their own. */
export function blob(min: number, max: number): v.GenericSchema<string, Buffer> {
  return v.pipe(
    v.string(),
    v.base64(),
    v.transform((text) => {
      const bytes = Buffer.allocUnsafeSlow(Buffer.byteLength(text, 'base64'));
      bytes.write(text, 'base64');
      return bytes;
    }),
    v.minLength(min),
    v.maxLength(max),
  );
}

/** A point in time as the protocol carries it: seconds since 1970. */
export function seconds(date: Date): number {
  return date.getTime() / 1000;
}
