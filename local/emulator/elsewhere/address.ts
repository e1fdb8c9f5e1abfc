/** A host in lower case, and a port. */
export interface Address {
  readonly host: string;
  readonly port: number;
}

const ADDRESS = /^(?<host>[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?)(:(?<port>\d{1,5}))?$/;

/** Reads `HOST` or `HOST:PORT`. Returns undefined for any other text. @param text without a port it means 443 */
export function parseAddress(text: string): Address | undefined {
  const { host, port = '443' } = ADDRESS.exec(text.toLowerCase())?.groups ?? {};
  return host === undefined || Number(port) > 65_535 ? undefined : { host, port: Number(port) };
}

export function addressText({ host, port }: Address): string {
  return `${host}:${port}`;
}
