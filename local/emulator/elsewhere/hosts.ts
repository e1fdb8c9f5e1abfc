const HOST = /^(?<host>[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?)(:(?<port>\d{1,5}))?$/;

/** Returns `HOST:PORT` in lower case, with the default port if the text has none; undefined for other texts. */
export function addressOf(text: string, defaultPort: number): string | undefined {
  const { host, port = String(defaultPort) } = HOST.exec(text.toLowerCase())?.groups ?? {};
  return host === undefined || Number(port) > 65_535 ? undefined : `${host}:${Number(port)}`;
}
