/** Characters that would move a cursor, break a line or turn the direction of writing; text of peers may hold any of them. */
const UNSAFE = /[\p{Cc}\p{Zl}\p{Zp}\p{Cs}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;

/** Text fit for a terminal, on one line: control characters and the like become `\u{…}`. For display only; it cannot be undone. */
export function escapeText(text: string): string {
  return text.replace(UNSAFE, (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`);
}
