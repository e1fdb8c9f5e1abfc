/** Waits for a promise, but at most `milliseconds`; rejects if the promise does so in that time. */
export async function waitAtMost(milliseconds: number, promise: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<void>((resolve) => (timer = setTimeout(resolve, milliseconds)));
  try {
    await Promise.race([promise, limit]);
  } finally {
    clearTimeout(timer);
  }
}
