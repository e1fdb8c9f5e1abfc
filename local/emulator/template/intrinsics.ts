import type { Intrinsic, Scope } from './scope';
import { piecesOf, splitAttribute } from './sub';

/** The supported intrinsic functions; a template that uses another one is refused. */
export const INTRINSICS: ReadonlyMap<string, Intrinsic> = new Map<string, Intrinsic>([
  ['Ref', (name, scope) => (typeof name === 'string' ? scope.names.ref(name, scope.path) : scope.fail('a name', name))],
  ['Fn::Base64', (value, scope) => Buffer.from(scope.text(value), 'utf8').toString('base64')],
  ['Fn::FindInMap', findInMap],
  ['Fn::GetAZs', (region, scope) => scope.names.zones(scope.text(region), scope.path)],
  ['Fn::GetAtt', getAtt],
  ['Fn::GetStackOutput', getStackOutput],
  ['Fn::If', choose],
  ['Fn::ImportValue', (name, scope) => scope.names.imported(scope.text(name), scope.path)],
  ['Fn::Join', join],
  ['Fn::Select', select],
  ['Fn::Split', split],
  ['Fn::Sub', substitute],
]);

function getAtt(argument: unknown, scope: Scope): unknown {
  const [id, attribute] =
    typeof argument === 'string'
      ? splitAttribute(argument)
      : (scope.literalList(argument, 2) as readonly [unknown, unknown]);
  if (typeof id !== 'string') return scope.fail('a logical id', id);
  return scope.names.attribute(id, scope.text(attribute), scope.path);
}

/** Resolves an output of another stack, without an export. Ignores `RoleArn`: the lookup needs no role here. */
function getStackOutput(argument: unknown, scope: Scope): string {
  if (typeof argument !== 'object' || argument === null) return scope.fail('an object', argument);
  const { StackName, OutputName, Region }: { StackName?: unknown; OutputName?: unknown; Region?: unknown } = argument;
  const stack = scope.below('StackName').text(StackName);
  const output = scope.below('OutputName').text(OutputName);
  const region = Region === undefined ? undefined : scope.below('Region').text(Region);
  return scope.names.stackOutput(stack, output, region, scope.path);
}

function join(argument: unknown, scope: Scope): string {
  const [separator, list] = scope.literalList(argument, 2);
  if (typeof separator !== 'string') return scope.below(0).fail('a text', separator);
  const parts = scope.below(1).list(list);
  return parts.map((part, index) => scope.below(1, index).text(part)).join(separator);
}

function split(argument: unknown, scope: Scope): readonly string[] {
  const [separator, whole] = scope.literalList(argument, 2);
  if (typeof separator !== 'string' || separator === '') return scope.below(0).fail('a text', separator);
  return scope.below(1).text(whole).split(separator);
}

function select(argument: unknown, scope: Scope): unknown {
  const [position, list] = scope.literalList(argument, 2);
  const index = scope.below(0).text(position);
  const members = scope.below(1).list(list);
  const member = /^\d{1,9}$/.test(index) ? members[Number(index)] : undefined;
  return member ?? scope.fail(`a position in a list of ${members.length}`, member);
}

/** Resolves only the selected branch: the other one may refer to resources that the condition omits. */
function choose(argument: unknown, scope: Scope): unknown {
  const [name, yes, no] = scope.literalList(argument, 3);
  if (typeof name !== 'string') return scope.below(0).fail('the name of a condition', name);
  return scope.names.condition(name, scope.path) ? scope.below(1).resolve(yes) : scope.below(2).resolve(no);
}

function findInMap(argument: unknown, scope: Scope): unknown {
  const [map, top, second, options] = scope.literalList(argument, 3, 4);
  const keys = [map, top, second].map((key, index) => scope.below(index).text(key)) as [string, string, string];
  const found = scope.names.mapped(...keys, scope.path);
  if (found !== undefined) return scope.below(...keys).resolve(found);
  if (typeof options === 'object' && options !== null && 'DefaultValue' in options) {
    return scope.below(3, 'DefaultValue').resolve(options.DefaultValue);
  }
  return scope.fail('an entry of the mapping', found);
}

function substitute(argument: unknown, scope: Scope): string {
  const [format, variables = {}] = typeof argument === 'string' ? [argument] : scope.literalList(argument, 2);
  if (typeof format !== 'string') return scope.below(0).fail('a text', format);
  if (typeof variables !== 'object' || variables === null) return scope.below(1).fail('an object', variables);
  const own = new Map(Object.entries(variables) as readonly (readonly [string, unknown])[]);
  return piecesOf(format)
    .map((piece) => ('literal' in piece ? piece.literal : variable(piece.variable, own, scope)))
    .join('');
}

function variable(name: string, own: ReadonlyMap<string, unknown>, scope: Scope): string {
  if (own.has(name)) return scope.below(1, name).text(own.get(name));
  const [id, attribute] = splitAttribute(name);
  const found =
    attribute === undefined ? scope.names.ref(id, scope.path) : scope.names.attribute(id, attribute, scope.path);
  return scope.text(found);
}
