import { KernelError, type Random } from '../../kernel/index.ts';

/** Bytes of the key that the members of a network share. */
export const SHARED_KEY_LENGTH = 32;

/** A new shared key. */
export function makeSharedKey(random: Random): Uint8Array {
  return random.bytes(SHARED_KEY_LENGTH);
}

/** The key as one line of base64url: 43 characters. */
export function formatSharedKey(key: Uint8Array): string {
  return Buffer.from(key).toString('base64url');
}

/**
 * Reads what `formatSharedKey` wrote; blanks and a line break around it are allowed, and a closing '='.
 *
 * @throws ERR_KEY_FORMAT; the message holds nothing of the text.
 */
export function parseSharedKey(text: string): Uint8Array {
  const [, digits] = /^([A-Za-z0-9_-]{43})=?$/.exec(text.trim()) ?? [];
  const key = Uint8Array.from(Buffer.from(digits ?? '', 'base64url'));
  // 43 digits hold two bits more than 32 bytes: only zeros there make the text the one way to write the key.
  if (digits === undefined || formatSharedKey(key) !== digits) {
    throw new KernelError(
      'ERR_KEY_FORMAT',
      `the shared key is not one line of ${SHARED_KEY_LENGTH} bytes in base64url (43 letters, digits, - and _)`,
    );
  }
  return key;
}
