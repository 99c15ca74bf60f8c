import { sha256 } from '../../kit/sha256.ts';
import { PRIVATE_DIRECTORY } from '../../node/layout.ts';
import type { NodeFolder } from '../network/node-folder.ts';
import type { SimulatedNetwork } from '../network/simulated-network.ts';
import type { SimulatedNode } from '../network/simulated-node.ts';
import type { AlwaysExpectation, EndExpectation } from '../scenario/expectation-names.ts';
import type { Written } from './written.ts';

/** Looks at a network and says what is not as it should be. */
export type Inspection = (network: SimulatedNetwork, written: Written) => Promise<string[]> | string[];

/** How each expectation is looked at. Those that only events show are not among them. */
export const INSPECTIONS: { readonly [Name in EndExpectation | AlwaysExpectation]?: Inspection } = {
  connected: ({ running }) => {
    const parts = partsOf(running);
    return parts.length <= 1
      ? []
      : [`the network is in ${parts.length} parts: ${parts.map((part) => part.join(' ')).join(' | ')}`];
  },
  'views equal': ({ running, nodes }) => {
    const nameOf = namesById(nodes);
    return running.flatMap((each) => {
      const known = (each.node?.peers() ?? []).map(({ id }) => nameOf(id));
      const others = running.filter((other) => other !== each).map(({ name }) => name);
      return differences(`the nodes that ${each.name} knows`, known, others);
    });
  },
  'files equal': ({ running, nodes }) => {
    const [first, ...others] = running;
    if (first === undefined) return [];
    const nameOf = namesById(nodes);
    const expected = listing(first, nameOf);
    return others.flatMap((each) =>
      differences(`LIST of ${each.name} against ${first.name}`, listing(each, nameOf), expected),
    );
  },
  'no record lost': async ({ running }, written) => {
    const held: { readonly holder: SimulatedNode; readonly name: string; readonly checksum: string }[] = [];
    for (const holder of running) {
      for (const [name, checksum] of await contentsOf(holder.folder)) {
        if (written.isLatest(name, checksum)) held.push({ holder, name, checksum });
      }
    }
    return running.flatMap((each) => {
      const known = new Set(
        (each.node?.list() ?? []).flatMap(({ name, checksum, holders }) =>
          holders.map((id) => holdingKey(name, checksum, id)),
        ),
      );
      return held
        .filter(({ holder, name, checksum }) => !known.has(holdingKey(name, checksum, holder.id)))
        .map(
          ({ holder, name, checksum }) =>
            `${each.name} does not know that ${holder.name} holds ${name} (${checksum.slice(0, 8)})`,
        );
    });
  },
  'none invented': ({ running }, written) =>
    running.flatMap(({ name, node }) =>
      (node?.list() ?? [])
        .filter((file) => !written.has(file))
        .map((file) => `${name} lists ${file.name} of ${file.user} (${file.checksum.slice(0, 8)}), which nobody wrote`),
    ),
  'every file whole': async ({ running }) => {
    const contents = new Map<string, ReadonlyMap<string, string>>();
    for (const { id, folder } of running) contents.set(id, await contentsOf(folder));
    return running.flatMap(({ name, node }) =>
      (node?.list() ?? []).flatMap((file) =>
        file.holders
          .filter((id) => contents.has(id) && contents.get(id)?.get(file.name) !== file.checksum)
          .map(
            (id) =>
              `${name} lists ${file.name} (${file.checksum.slice(0, 8)}) at ${id.slice(0, 8)}, whose folder has another content`,
          ),
      ),
    );
  },
  'limits of direct connections': ({ running, settings }) => {
    const limit = settings.directConnections + settings.recoveryConnections;
    return running
      .map(({ name, node }) => ({ name, direct: node?.status().direct ?? 0 }))
      .filter(({ direct }) => direct > limit)
      .map(({ name, direct }) => `${name} has ${direct} direct connections, at most ${limit} are allowed`);
  },
};

/** That a node holds a content under a name, as a key: no name and no checksum has a NUL. */
function holdingKey(name: string, checksum: string, holder: string): string {
  return `${name}\0${checksum}\0${holder}`;
}

/** The running nodes in groups that direct connections join. */
function partsOf(running: readonly SimulatedNode[]): string[][] {
  const left = new Map(running.map((each) => [each.id, each]));
  const parts: string[][] = [];
  for (const [id, start] of left) {
    left.delete(id);
    const part = [start];
    for (const { node } of part) {
      for (const peer of node?.peers() ?? []) {
        const other = left.get(peer.id);
        if (!peer.direct || other === undefined) continue;
        left.delete(peer.id);
        part.push(other);
      }
    }
    parts.push(part.map(({ name }) => name));
  }
  return parts;
}

function namesById(nodes: readonly SimulatedNode[]): (id: string) => string {
  const names = new Map(nodes.map(({ id, name }) => [id, name]));
  return (id) => names.get(id) ?? id.slice(0, 8);
}

/** What LIST shows, in lines that compare. */
function listing({ node }: SimulatedNode, nameOf: (id: string) => string): string[] {
  return (node?.list() ?? []).map(({ name, user, checksum, holders, current, conflict }) => {
    const marks = `${current ? ' current' : ''}${conflict ? ' conflict' : ''}`;
    return `${name} of ${user} (${checksum.slice(0, 8)}) at ${holders.map(nameOf).sort().join(' ')}${marks}`;
  });
}

/** The files of a folder, by name, with their checksums. */
async function contentsOf(folder: NodeFolder, directory = ''): Promise<Map<string, string>> {
  const contents = new Map<string, string>();
  for (const { name, kind } of await folder.disk.list(directory)) {
    const path = directory === '' ? name : `${directory}/${name}`;
    if (path === PRIVATE_DIRECTORY) continue;
    if (kind === 'directory') for (const entry of await contentsOf(folder, path)) contents.set(...entry);
    const bytes = kind === 'file' ? await folder.read(path) : undefined;
    if (bytes !== undefined) contents.set(path, sha256(bytes));
  }
  return contents;
}

function differences(what: string, actual: readonly string[], expected: readonly string[]): string[] {
  const missing = expected.filter((line) => !actual.includes(line));
  const surplus = actual.filter((line) => !expected.includes(line));
  if (missing.length + surplus.length === 0) return [];
  const parts = [
    missing.length > 0 ? `missing: ${missing.join('; ')}` : '',
    surplus.length > 0 ? `too much: ${surplus.join('; ')}` : '',
  ];
  return [`${what}: ${parts.filter((part) => part !== '').join('; ')}`];
}
