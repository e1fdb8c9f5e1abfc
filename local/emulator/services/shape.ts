import * as v from 'valibot';
import { AwsError } from './errors';

/** Validates a request's input. Throws AWS's `ValidationException`, with the names of members and never a value. */
export function readInput<S extends v.GenericSchema>(schema: S, input: unknown): v.InferOutput<S> {
  const read = v.safeParse(schema, input);
  if (read.success) return read.output;
  const problems = read.issues.map((issue) => {
    const at = v.getDotPath(issue) ?? 'the request';
    return `Value at '${at}' failed to satisfy constraint: expected ${issue.expected ?? issue.type}`;
  });
  throw new AwsError('ValidationException', `${problems.length} validation error detected: ${problems.join('; ')}`);
}

/** Returns a schema of base64 that decodes into a buffer of its own. */
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

/** Returns a time as the protocol encodes it: seconds since 1970. */
export function seconds(date: Date): number {
  return date.getTime() / 1000;
}
