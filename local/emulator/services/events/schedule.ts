const RATE = /^rate\((?:1 (?:minute|hour|day)|(?!1 )[1-9]\d{0,8} (?:minutes|hours|days))\)$/;
const CRON = /^cron\((?<fields>[^()]+)\)$/;

const DAYS = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'];
const MONTHS = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'];

interface Field {
  readonly min: number;
  readonly max: number;
  /** names of the values from `min` on */
  readonly names?: readonly string[];
  /** further values of this field only, such as the last day of a month */
  readonly special?: RegExp;
}

const FIELDS: readonly Field[] = [
  { min: 0, max: 59 },
  { min: 0, max: 23 },
  { min: 1, max: 31, special: /^(?:\?|L|LW|(?:[1-9]|[12]\d|3[01])W)$/ },
  { min: 1, max: 12, names: MONTHS },
  { min: 1, max: 7, names: DAYS, special: /^(?:\?|L|[1-7]L|[1-7]#[1-5])$/ },
  { min: 1970, max: 2199 },
];

/** Returns whether EventBridge accepts a schedule: `rate(1 day)`, or `cron(…)` with six fields. */
export function isSchedule(text: string): boolean {
  if (RATE.test(text)) return true;
  const fields = CRON.exec(text)?.groups?.fields?.split(' ') ?? [];
  // a day of the month and a day of the week can't both be set
  if (fields.length !== FIELDS.length || (fields[2] === '?') === (fields[4] === '?')) return false;
  return FIELDS.every((field, index) => isField(fields[index] ?? '', field));
}

function isField(text: string, field: Field): boolean {
  return field.special?.test(text) === true || text.split(',').every((part) => isPart(part, field));
}

/** `*`, a value, a range, or one of these with a step. */
function isPart(text: string, field: Field): boolean {
  const { range = '', step } = /^(?<range>[^/]+)(?:\/(?<step>[1-9]\d{0,3}))?$/.exec(text)?.groups ?? {};
  if (range === '*') return step === undefined || Number(step) <= field.max;
  const bounds = range.split('-').map((bound) => valueOf(bound, field));
  if (bounds.length > 2 || bounds.includes(undefined)) return false;
  const [from = 0, to = field.max] = bounds;
  return from <= to;
}

function valueOf(text: string, { min, max, names = [] }: Field): number | undefined {
  const value = names.includes(text) ? names.indexOf(text) + min : /^\d{1,4}$/.test(text) ? Number(text) : -1;
  return value >= min && value <= max ? value : undefined;
}
