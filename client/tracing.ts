import { ShareVaultError } from './errors';
import type { FunctionKey, Settings } from './options';

/** The members of `@opentelemetry/api` that are used: the package is optional, so its types may be missing. */
interface Span {
  setAttribute(name: string, value: string | number): unknown;
  setStatus(status: { readonly code: number }): unknown;
  end(): void;
}
interface OpenTelemetry {
  readonly trace: {
    getTracer(name: string): {
      startSpan(name: string, options: { readonly kind: number; readonly attributes: Record<string, string> }): Span;
    };
  };
}

/** What a call reports of itself: never a value of its arguments or of its response. */
export interface CallReport {
  attempts: number;
  requestId: string | undefined;
}

/** SpanKind.CLIENT and SpanStatusCode.ERROR of OpenTelemetry. */
const CLIENT = 2;
const ERROR = 2;
/** The name is put together, so that a bundler does not miss a package that is not installed. */
const PACKAGE = ['@opentelemetry', 'api'].join('/');

let loaded: Promise<OpenTelemetry | undefined> | undefined;

/** Makes a call within a span, if `@opentelemetry/api` is installed. Its failures are no failures of the call. */
export async function traced<T>(
  key: FunctionKey,
  { environment, actor }: Pick<Settings, 'environment' | 'actor'>,
  call: (report: CallReport) => Promise<T>,
): Promise<T> {
  const report: CallReport = { attempts: 0, requestId: undefined };
  const api = await (loaded ??= load());
  const span = attempt(() => startSpan(api, key, { environment, actor }));
  if (span === undefined) return call(report);
  try {
    return await call(report);
  } catch (error) {
    attempt(() => span.setStatus({ code: ERROR }));
    if (error instanceof ShareVaultError) {
      attempt(() => span.setAttribute('share_vault.code', error.code));
      report.requestId ??= error.requestId;
    }
    throw error;
  } finally {
    const { attempts, requestId } = report;
    attempt(() => span.setAttribute('share_vault.attempts', attempts));
    if (requestId !== undefined) attempt(() => span.setAttribute('aws.request_id', requestId));
    attempt(() => span.end());
  }
}

/** Returns undefined if it throws: a tracer's error must not hide what became of the call. */
function attempt<T>(action: () => T): T | undefined {
  try {
    return action();
  } catch {
    return undefined;
  }
}

function startSpan(
  api: OpenTelemetry | undefined,
  key: FunctionKey,
  { environment, actor }: Pick<Settings, 'environment' | 'actor'>,
): Span | undefined {
  const attributes = {
    'rpc.system': 'aws-api',
    'rpc.service': 'Lambda',
    'rpc.method': 'Invoke',
    'share_vault.operation': key,
    'share_vault.environment': environment,
    'share_vault.actor': actor,
  };
  return api?.trace.getTracer('share-vault').startSpan(`share_vault.${key}`, { kind: CLIENT, attributes });
}

async function load(): Promise<OpenTelemetry | undefined> {
  try {
    const api = (await import(PACKAGE)) as Partial<OpenTelemetry>;
    return api.trace === undefined ? undefined : { trace: api.trace };
  } catch {
    return undefined;
  }
}
