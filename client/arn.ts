/** Returns an ARN's partition, region and account; undefined for any other text, such as a function's name. */
export function placeOf(text: string): string | undefined {
  const [prefix, partition, , region, account] = text.split(':');
  return prefix === 'arn' ? [partition, region, account].join(':') : undefined;
}

/** Returns an ARN's region. */
export function regionOf(text: string): string | undefined {
  return text.startsWith('arn:') ? text.split(':')[3] : undefined;
}
