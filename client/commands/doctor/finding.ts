export type Status = 'ok' | 'problem' | 'unknown';

/** The result of one check. All of its texts are printable. */
export interface Finding {
  /** Name of the check, the same in every run: `share key: rotation`. */
  readonly check: string;
  /** `unknown`: the caller may not read it, or it is out of reach. */
  readonly status: Status;
  /** The observed state, or why it is unknown. */
  readonly found: string;
  /** How to fix a problem. */
  readonly fix?: string | undefined;
}

export function ok(check: string, found: string): Finding {
  return { check, status: 'ok', found };
}

export function problem(check: string, found: string, fix: string): Finding {
  return { check, status: 'problem', found, fix };
}

export function unknown(check: string, reason: string): Finding {
  return { check, status: 'unknown', found: reason };
}

/** A finding that is fine if the condition holds, else a problem. */
export function verdict(check: string, good: boolean, found: string, fix: string): Finding {
  return good ? ok(check, found) : problem(check, found, fix);
}
