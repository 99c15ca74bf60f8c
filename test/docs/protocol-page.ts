import { readFileSync } from 'node:fs';
import type { Message } from '../../src/node/messages/message.ts';

/** A message of `docs/protocol.md` and the frames that stand for it. */
export interface PageExample {
  /** Heading it stands under, and which one there. */
  readonly title: string;
  readonly message: Message;
  /** What encoding gives, and decodes to the message. */
  readonly frame: Uint8Array;
  /** Frames that decode to the message too. */
  readonly also: readonly string[];
}

/** The text of the page. */
export function protocolPage(): string {
  return readFileSync(new URL('../../docs/protocol.md', import.meta.url), 'utf8');
}

/** Every example: a `frame` block, the `json` of its message, and perhaps an `also` block. */
export function pageExamples(page: string): PageExample[] {
  const examples: PageExample[] = [];
  const blocks = page.matchAll(/^```frame\n(.*)\n```\n\n```json\n([^]*?)\n```(?:\n\n[^`#]*```also\n([^]*?)\n```)?/gm);
  for (const { index, 1: frame = '', 2: json = '', 3: also = '' } of blocks) {
    const heading =
      page
        .slice(0, index)
        .match(/^##+ (.*)$/gm)
        ?.at(-1)
        ?.replace(/^#+ /, '') ?? '';
    examples.push({
      title: `${heading}, example ${examples.length + 1}`,
      message: parseMessage(json),
      frame: parseFrame(frame),
      also: also === '' ? [] : also.split('\n'),
    });
  }
  return examples;
}

/** The rows of the table whose header begins with this cell: the text of each cell, without its backticks. */
export function pageTable(page: string, header: string): string[][] {
  const [, rows = ''] = new RegExp(`^\\| ${header} \\|.*\\n\\|[-|]+\\n((?:\\|.*\\n)*)`, 'm').exec(page) ?? [];
  return rows
    .trim()
    .split('\n')
    .map((row) => row.split(' | ').map((cell) => cell.replace(/^\| | \|$/g, '').replace(/^`(.*)`$/, '$1')));
}

/** A frame as the page writes it: its text, or `hex:` and its bytes. */
export function parseFrame(text: string): Uint8Array {
  if (text.startsWith('hex:')) return Uint8Array.from(Buffer.from(text.slice(4).replaceAll(' ', ''), 'hex'));
  return new TextEncoder().encode(text);
}

/** A message as the page writes it: a version is an object, bytes are hex. */
export function parseMessage(json: string): Message {
  return JSON.parse(json, (key, value: unknown) => {
    if (key === 'version') return new Map(Object.entries(value as Record<string, number>));
    return key === 'bytes' || key === 'bitmap' ? Uint8Array.from(Buffer.from(value as string, 'hex')) : value;
  }) as Message;
}
