import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { ListedFile } from '../../src/node/api.ts';
import { PRIVATE_DIRECTORY } from '../../src/node/layout.ts';
import type { Written } from '../../src/sim/run/written.ts';
import { sha256File } from '../e2e/support/files.ts';
import { viewOf } from '../e2e/support/views.ts';
import type { ChaosNode } from './chaos-node.ts';

/** A node that runs, and what it shows. */
interface Seen {
  readonly node: ChaosNode;
  readonly nodes: readonly string[];
  readonly files: readonly ListedFile[];
}

/**
 * What is not as it should be where all nodes run and can reach each other: everybody knows everybody and lists the same, what is listed was
 * written by whom it says, nothing that was written last is lost, and each folder has what is listed of it.
 */
export async function inspect(all: readonly ChaosNode[], written: Written): Promise<string[]> {
  const seen: Seen[] = [];
  for (const node of all) {
    if (node.running === undefined) return [`${node.name} does not run`];
    seen.push({ node, ...(await viewOf(node.running)) });
  }
  const views = [...nodesDiffer(seen), ...filesDiffer(seen), ...invented(seen, written)];
  // The folders are read once the nodes agree.
  return views.length > 0 ? views : contentsDiffer(seen, written);
}

/** What each node's folder lacks where everybody has fetched all current files. */
export async function missing(all: readonly ChaosNode[], files: readonly ListedFile[]): Promise<string[]> {
  const found: string[] = [];
  for (const { name, folder } of all) {
    const contents = await contentsOf(folder);
    for (const file of files) {
      if (contents.get(file.name) === file.checksum) continue;
      found.push(`${name} fetched ${file.name} (${short(file.checksum)}) and has ${short(contents.get(file.name))}`);
    }
  }
  return found;
}

function nodesDiffer(seen: readonly Seen[]): string[] {
  const nameOf = namesById(seen);
  const everybody = seen.map(({ node }) => node.name);
  return seen.flatMap(({ node, nodes }) => differences(`the nodes ${node.name} knows`, nodes.map(nameOf), everybody));
}

function filesDiffer(seen: readonly Seen[]): string[] {
  const nameOf = namesById(seen);
  const [first, ...others] = seen.map(({ node, files }) => ({
    name: node.name,
    lines: files.map(({ name, user, checksum, holders, current, conflict }) => {
      const marks = `${current ? ' current' : ''}${conflict ? ' conflict' : ''}`;
      return `${name} of ${user} (${short(checksum)}) at ${holders.map(nameOf).sort().join(' ')}${marks}`;
    }),
  }));
  if (first === undefined) return [];
  return others.flatMap(({ name, lines }) => differences(`LIST of ${name} against ${first.name}`, lines, first.lines));
}

function invented(seen: readonly Seen[], written: Written): string[] {
  return seen.flatMap(({ node, files }) =>
    files
      .filter((file) => !written.has(file))
      .map((file) => `${node.name} lists ${file.name} of ${file.user} (${short(file.checksum)}), which nobody wrote`),
  );
}

/** Holders whose folder has another content, and contents that were written last and that nobody knows of. */
async function contentsDiffer(seen: readonly Seen[], written: Written): Promise<string[]> {
  const found: string[] = [];
  const files = seen[0]?.files ?? [];
  const users = [...new Set(seen.map(({ node }) => node.user))];
  for (const { node } of seen) {
    const contents = await contentsOf(node.folder);
    const isHolder = ({ holders }: ListedFile) => holders.some((id) => id === node.id);
    for (const { name, checksum } of files.filter(isHolder)) {
      const actual = contents.get(name);
      if (actual === checksum) continue;
      found.push(`${node.name} is listed to hold ${name} (${short(checksum)}), and its folder has ${short(actual)}`);
    }
    for (const [name, checksum] of contents) {
      if (!written.isLatest(name, checksum)) continue;
      const user = users.find((each) => written.has({ name, user: each, checksum }));
      const ofUser = files.filter((file) => file.name === name && file.user === user);
      // What was written just before, and noticed after this was heard of, counts as the later of the two.
      if (ofUser.some((file) => file.checksum !== checksum || isHolder(file))) continue;
      found.push(`nobody knows that ${node.name} holds ${name} (${short(checksum)}), which was written last`);
    }
  }
  return found;
}

/** SHA-256 of the files of a folder, by name. */
async function contentsOf(folder: string, directory = ''): Promise<Map<string, string>> {
  const contents = new Map<string, string>();
  for (const entry of await readdir(join(folder, directory), { withFileTypes: true })) {
    const name = directory === '' ? entry.name : `${directory}/${entry.name}`;
    if (name === PRIVATE_DIRECTORY) continue;
    if (entry.isDirectory()) for (const found of await contentsOf(folder, name)) contents.set(...found);
    else contents.set(name, await sha256File(join(folder, name)));
  }
  return contents;
}

function namesById(seen: readonly Seen[]): (id: string) => string {
  const names = new Map<string, string>(
    seen.flatMap(({ node }) => (node.id === undefined ? [] : [[node.id, node.name]])),
  );
  return (id) => names.get(id) ?? `somebody (${short(id)})`;
}

function differences(what: string, actual: readonly string[], expected: readonly string[]): string[] {
  const lacking = expected.filter((line) => !actual.includes(line));
  const surplus = actual.filter((line) => !expected.includes(line));
  if (lacking.length + surplus.length === 0) return [];
  return [`${what}: missing: ${lacking.join('; ') || '-'}; too much: ${surplus.join('; ') || '-'}`];
}

function short(hash: string | undefined): string {
  return hash?.slice(0, 8) ?? 'nothing';
}
