/** A time as deliveries are ordered by: nanoseconds since 1970. */
export const nanoseconds = (time: Date): bigint => BigInt(time.getTime()) * 1_000_000n;
