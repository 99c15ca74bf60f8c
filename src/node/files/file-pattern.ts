import picomatch from 'picomatch';
import { MAX_NAME_LENGTH } from '../messages/limits.ts';

/**
 * What several names are meant by, as a test of one name: `photos/` or `photos` for all that lies in that folder at any depth, else a glob pattern
 * as shells have it: `*` and `?` within one part of a name, `**` over several, `[a-z]`, `{a,b}`, a backslash before what stands for
 * itself. A part that begins with a dot is met only by a pattern whose part does. Nothing longer than a name may be matches anything.
 */
export function nameMatcher(query: string): (name: string) => boolean {
  if (query === '' || Buffer.byteLength(query) > MAX_NAME_LENGTH) return () => false;
  const folder = query.endsWith('/') ? query : `${query}/`;
  if (query.endsWith('/')) return (name) => name.startsWith(folder);
  // Names have '/' and ordinary backslashes on every system; a leading '!' is a character like any other.
  const isMatch = picomatch(query, { windows: false, nonegate: true });
  return (name) => name.startsWith(folder) || isMatch(name);
}
