/**
 * Replaces the characters that would end a line, move the cursor, colour the terminal or turn the text around: text of peers stands in logs.
 * The joiners within emoji and scripts (U+200C, U+200D) do none of it.
 */
export function escapeControls(text: string, escape: (character: string) => string): string {
  return text.replaceAll(/(?![\u200c\u200d])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu, escape);
}
