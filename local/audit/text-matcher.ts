import { show } from './finding';
import { type Json, keyOf } from './json';
import type { Matching } from './matching';
import { isExternal, namesIn, prepared, referredTo, WHOLE } from './matcher-texts';
import type { Placeholders } from './placeholders';
import { squeeze } from './roles';
import { PARAMETER } from './template';
import type { Values } from './vault-facts';

/** Compares a value with an expected text; the placeholders in it may match other texts. */
export function matchText(matcher: Matching, shape: string, actual: Json, property: string, values: Values): void {
  const { placeholders, facts } = matcher;
  const wanted = prepared(shape, values, facts.environment);
  const whole = WHOLE.exec(shape)?.[1];
  if (whole !== undefined && placeholders.has(whole) && placeholders.get(whole).external) {
    matchExternal(matcher, whole, actual, property, values);
    return;
  }
  const text = typeof actual === 'number' && whole !== undefined ? String(actual) : actual;
  if (text === wanted) return;
  const found = typeof text === 'string' && typeof wanted === 'string' ? placeholders.read(wanted, text) : undefined;
  if (!found) matcher.refuse(property, show(wanted), actual);
  for (const [name, value] of found ?? []) matchPlaceholder(matcher, name, value, property, values);
}

function matchPlaceholder(matcher: Matching, name: string, value: string, property: string, values: Values): void {
  const { placeholders } = matcher;
  const own = values[name];
  const outside = !placeholders.get(name).external || namesOwners(matcher, name, value);
  if (!outside || !placeholders.accepts(name, value)) matcher.refuse(property, `a ${name} in its range`, value);
  else if (own !== undefined && squeeze(value) !== own) matcher.refuse(property, `the ${name} of the resource`, value);
  else bind(matcher, name, value, property, values);
}

function matchExternal(matcher: Matching, name: string, actual: Json, property: string, values: Values): void {
  const known = matcher.facts.known.get(bindingName(matcher.placeholders, name, values));
  if (!namesOwners(matcher, name, actual) || (known !== undefined && known !== textOf(actual)))
    matcher.refuse(property, `the ${name} of the vault`, actual);
  else bind(matcher, name, textOf(actual), property, values);
}

/** Returns whether a value names things of the owner; in the template, only those of one type. */
function namesOwners({ facts, placeholders }: Matching, name: string, value: Json): boolean {
  const { type } = placeholders.get(name);
  const isOfType = (text: string) => isOwners(facts.types.get(referredTo(text)), type);
  return isExternal(value) && namesIn(value).every((text) => placeholders.accepts(name, text) && isOfType(text));
}

/** Returns whether a type fits: owners may use parameters too, for code only those that no template gives a value. */
function isOwners(got: string | undefined, wanted: string | undefined): boolean {
  return got === undefined || got === wanted || (wanted !== PARAMETER && got.startsWith(PARAMETER));
}

function bind(
  { placeholders, bindings }: Matching,
  name: string,
  value: string,
  property: string,
  values: Values,
): void {
  if (placeholders.get(name).free) return;
  bindings.push({ name: bindingName(placeholders, name, values), value, property });
}

function bindingName(placeholders: Placeholders, name: string, values: Values): string {
  const own = values[placeholders.get(name).per ?? name];
  return own === undefined ? name : `${name} ${own}`;
}

/** Returns one text for a value, the same whether it is a whole value or a part of a text. */
export function textOf(value: Json): string {
  return typeof value === 'string' ? value : keyOf(value);
}
