import type { Random } from '../../kernel/index.ts';
import type { Scenario } from './scenario.ts';

/** Who is told the address of whom: the first of each pair, the one of the second. */
export type Edges = readonly (readonly [string, string])[];

/** The name of the node of this number, from 1. */
export function nameOf(number: number): string {
  return `n${number}`;
}

/** The connections that the nodes are told to make at the beginning; each node's lead to such as started before it. */
export function initialEdges({ nodes, topology }: Pick<Scenario, 'nodes' | 'topology'>, random: Random): Edges {
  if (typeof topology !== 'string') return topology;
  const edges: [string, string][] = [];
  for (let node = 2; node <= nodes; node++) {
    for (const other of neighboursOf(node, { nodes, topology }, random)) edges.push([nameOf(node), nameOf(other)]);
  }
  return edges;
}

function neighboursOf(
  node: number,
  { nodes, topology }: Pick<Scenario, 'nodes' | 'topology'>,
  random: Random,
): number[] {
  switch (topology) {
    case 'line':
      return [node - 1];
    case 'ring':
      return node === nodes && nodes > 2 ? [node - 1, 1] : [node - 1];
    case 'star':
      return [1];
    case 'full':
      return Array.from({ length: node - 1 }, (_, index) => index + 1);
    case 'random':
      return [1 + Math.floor(random.fraction() * (node - 1))];
    default:
      return [];
  }
}
