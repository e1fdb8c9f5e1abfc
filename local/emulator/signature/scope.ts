/** The day, region and service that a signature is valid for. */
export interface Scope {
  /** `YYYYMMDD` */
  readonly date: string;
  readonly region: string;
  readonly service: string;
}

export interface ScopedKey extends Scope {
  readonly accessKeyId: string;
}

const KEY =
  /^(?<accessKeyId>\w{1,128})\/(?<date>\d{8})\/(?<region>[a-z0-9-]{1,64})\/(?<service>[a-z0-9-]{1,64})\/aws4_request$/;
const TIMESTAMP = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/;

/** Reads `KEY/YYYYMMDD/REGION/SERVICE/aws4_request`. */
export function readScopedKey(text: string): ScopedKey | undefined {
  const { accessKeyId, date, region, service } = KEY.exec(text)?.groups ?? {};
  if (accessKeyId === undefined || date === undefined || region === undefined || service === undefined)
    return undefined;
  return { accessKeyId, date, region, service };
}

/** Reads `YYYYMMDDThhmmssZ` as milliseconds since 1970. Returns undefined for other formats and for invalid dates. */
export function readTimestamp(text: string): number | undefined {
  const iso = text.replace(TIMESTAMP, '$1-$2-$3T$4:$5:$6.000Z');
  const at = Date.parse(iso);
  return Number.isNaN(at) || new Date(at).toISOString() !== iso ? undefined : at;
}
