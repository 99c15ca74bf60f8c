/** Longest piece of a peer's text that an error message repeats, in characters. */
const MAX_QUOTED = 60;

/** C0, DEL and C1, line separators, marks that turn the direction of writing, the byte order mark, unpaired surrogates. */
const UNPRINTABLE = /[\p{Cc}\p{Zl}\p{Zp}\p{Surrogate}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/gu;

/**
 * Text from a peer, fit to be printed: characters that could move the cursor, colour the terminal, break a line or make text read in another
 * order become `\u{…}` with their number in hex. Everything else, emoji and their joiners included, stays. The result is for eyes only.
 */
export function escapeForDisplay(text: string): string {
  return text.replace(UNPRINTABLE, (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`);
}

/** A peer's text inside an error message: in quotes, escaped, cut where it is long. */
export function quote(text: string): string {
  const shown = text.length > MAX_QUOTED ? `${text.slice(0, MAX_QUOTED)}…` : text;
  return `"${escapeForDisplay(shown)}"`;
}
