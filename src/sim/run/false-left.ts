import type { NodeId } from '../../kernel/index.ts';
import type { SimulatedNetwork } from '../network/simulated-network.ts';
import type { SimulatedNode } from '../network/simulated-node.ts';

/**
 * Whether a node that is declared LEFT lives. It does where it ran, and could be reached from whoever declares it, for long enough that every
 * trace of an earlier fault is over: twice the time in which a death must be found.
 */
export class FalseLeft {
  readonly #network: SimulatedNetwork;

  constructor(network: SimulatedNetwork) {
    this.#network = network;
  }

  /** What is wrong about it that one node declares another gone; `undefined` where it is right, or may be. */
  check(by: SimulatedNode, id: NodeId): string | undefined {
    const { clock, links, settings, nodes } = this.#network;
    const gone = nodes.find((node) => node.id === id);
    if (gone?.isUp !== true || gone.isLeaving) return undefined;
    const since = clock.now() - 2 * settings.deadMs;
    // Whoever came but now knows no more than others told it.
    if (by.upSince > since || gone.upSince > since || links.lastCut(by.host, gone.host) > since) return undefined;
    // A process that stands still for long is as good as dead to others, and nobody can tell.
    if (gone.lastStop.until > since && gone.lastStop.ms > settings.deadMs / 2) return undefined;
    return `${by.name} declares ${gone.name} gone, which has run and been in reach for ${(2 * settings.deadMs) / 1_000} s`;
  }
}
