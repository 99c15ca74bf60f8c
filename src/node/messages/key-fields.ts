import { MAX_KEYS } from './limits.ts';
import type { KeyListing, KeyRange } from './message.ts';
import { countField, innerField, textField, valueField, type Field } from './text-fields.ts';

/** Hex digits of a key, 52 bits. */
export const KEY_DIGITS = 13;

const KEYS = new RegExp(`^([0-9a-f]{${KEY_DIGITS}}){0,${MAX_KEYS}}$`);
const KEY = new RegExp(`.{${KEY_DIGITS}}`, 'g');

/** What the keys of a comparison are computed with. */
export const seedField = textField('16 lower-case hex digits', /^[0-9a-f]{16}$/);

/** Keys, one behind the other. */
export const keysField: Field<readonly string[]> = valueField(
  `at most ${MAX_KEYS} keys of ${KEY_DIGITS} lower-case hex digits`,
  (text) => (KEYS.test(text) ? (text.match(KEY) ?? []) : undefined),
  (keys) => keys.join(''),
);

const prefixField = textField(`at most ${KEY_DIGITS} lower-case hex digits`, new RegExp(`^[0-9a-f]{0,${KEY_DIGITS}}$`));
const sumField = textField(`${KEY_DIGITS} lower-case hex digits`, new RegExp(`^[0-9a-f]{${KEY_DIGITS}}$`));

export const rangeField: Field<KeyRange> = innerField(
  (inner) => ({
    prefix: inner.read('prefix', prefixField),
    count: inner.read('count', countField),
    sum: inner.read('sum', sumField),
  }),
  (inner, { prefix, count, sum }) => {
    inner.write('prefix', prefixField, prefix);
    inner.write('count', countField, count);
    inner.write('sum', sumField, sum);
  },
);

export const listingField: Field<KeyListing> = innerField(
  (inner) => ({ prefix: inner.read('prefix', prefixField), keys: inner.read('keys', keysField) }),
  (inner, { prefix, keys }) => {
    inner.write('prefix', prefixField, prefix);
    inner.write('keys', keysField, keys);
  },
);

/** Which of the ranges stands in no order, or within the one before it: in disjoint ranges no key is looked at twice. -1 where none does. */
export function overlapping(ranges: readonly { readonly prefix: string }[]): number {
  return ranges.findIndex(({ prefix }, index) => {
    const before = ranges[index - 1]?.prefix;
    return before !== undefined && (prefix <= before || prefix.startsWith(before));
  });
}
