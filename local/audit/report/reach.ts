import type { Policy, StatementPlace } from '../../emulator/authorization';
import { FUNCTION_KEYS, functionName } from '../../vault/functions';
import type { TemplateMatrix } from '../matrix/template-matrix';
import type { StatementIndex } from './access';
import { objectOf } from './objects';
import type { Reach } from './schema';

/** The layers of the drawing: who calls, the functions, and what they use. */
const [CALLER, FUNCTION, USED] = [0, 1, 2] as const;

type Edge = Reach['edges'][number];
interface Node {
  readonly id: string;
  readonly layer: number;
  readonly kind: string;
}

/** Requests that lead a function to material, or to what seals it. */
const USES =
  /^(?:kms:(?:Decrypt|GenerateDataKey) (?:share|intake|webhook) key[^,]*, right|rds-db:connect .*|secretsmanager:GetSecretValue .*|sts:GetWebIdentityToken, right)$/;
const CALLS = /^lambda:InvokeFunction ([a-z-]+):([^$].*)$/;
/** Principals of every account, whose ways are a list of their own. */
const ACCOUNT = new Set(['root', 'role without policies', 'other account']);

/** Returns who comes to material on which way. Every edge has the statements that open it. */
export function reachOf(matrix: TemplateMatrix, index: StatementIndex): Omit<Reach, 'ways'> {
  const edges = [...permissionEdges(matrix, index), ...serviceEdges(matrix, index)];
  const nodes = edges.flatMap(({ from, to }) => [from, to]);
  return {
    nodes: [...new Map(nodes.map((node) => [node.id, node])).values()],
    edges: edges.map(({ from, to, action, by }) => ({ from: from.id, to: to.id, action, by })),
  };
}

type Drawn = Omit<Edge, 'from' | 'to'> & { readonly from: Node; readonly to: Node };

function permissionEdges({ cells, vault }: TemplateMatrix, index: StatementIndex): readonly Drawn[] {
  const own = new Set(FUNCTION_KEYS.map((key) => functionName(vault.environment, key)));
  return cells.flatMap(({ principal, request, decision }): readonly Drawn[] => {
    if (!decision.allowed || ACCOUNT.has(principal.name)) return [];
    const isFunction = principal.functionArn !== undefined && own.has(principal.functionArn.split(':')[6] ?? '');
    const from: Node = isFunction
      ? functionNode(principal.name)
      : { id: principal.name, layer: CALLER, kind: 'caller' };
    const by = (): string[] => index.idsOf(decision.by, policiesOf(principal.policies, request));
    const [, fn, alias] = CALLS.exec(request.name) ?? [];
    if (fn !== undefined && alias !== undefined) return [{ from, to: functionNode(fn), action: `invoke as ${alias}`, by: by() }]; // prettier-ignore
    if (!USES.test(request.name) || principal.name === 'administrator') return [];
    const { object, group } = objectOf(request.name, request.action);
    return [{ from, to: { id: object, layer: USED, kind: group }, action: request.action, by: by() }];
  });
}

/** Services that invoke a function by its own policy: API Gateway, and rules of EventBridge. */
function serviceEdges({ vault }: TemplateMatrix, index: StatementIndex): readonly Drawn[] {
  return vault.template.permissions().flatMap(({ statement, resource, function: id }): readonly Drawn[] => {
    const part = vault.functions.find(({ logicalId }) => logicalId === id);
    const key = FUNCTION_KEYS.find((one) => part?.name === functionName(vault.environment, one));
    const service = serviceOf(statement.Principal);
    const policy = vault.policyOf(resource);
    if (key === undefined || service === undefined || policy === undefined) return [];
    const place: StatementPlace = { kind: 'resource', policy: policy.name, statement: statement.Sid ?? '#1' };
    const alias = resource.split(':')[7] ?? '';
    return [
      {
        from: { id: service, layer: CALLER, kind: 'service' },
        to: functionNode(key),
        action: `invoke as ${alias}`,
        by: index.idsOf([place], [policy]),
      },
    ];
  });
}

function functionNode(name: string): Node {
  return { id: `function ${name}`, layer: FUNCTION, kind: 'function' };
}

function serviceOf(principal: unknown): string | undefined {
  const service: unknown = typeof principal === 'object' && principal !== null ? Reflect.get(principal, 'Service') : undefined; // prettier-ignore
  return typeof service === 'string' ? service : undefined;
}

function policiesOf(
  identity: readonly Policy[],
  { resourcePolicy, endpointPolicy }: { resourcePolicy?: Policy | undefined; endpointPolicy?: Policy | undefined },
): readonly Policy[] {
  return [...identity, resourcePolicy, endpointPolicy].filter((policy) => policy !== undefined);
}
