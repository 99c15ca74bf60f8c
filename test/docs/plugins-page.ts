import { textOf } from '../support/source-files.ts';

/** The files that docs/plugins.md has the reader write, by name. */
export function pluginsOfPage(): ReadonlyMap<string, string> {
  const blocks = textOf('docs/plugins.md').matchAll(/^```ts\n\/\/ ([a-z0-9-]+\.ts)\n([^]*?)\n```$/gm);
  return new Map([...blocks].map(([, name = '', text = '']) => [name, text]));
}
