import type { SimulatedNetwork } from '../network/simulated-network.ts';
import type { Timeline } from '../scenario/timeline.ts';

/** The nodes that are to die, and when, by the clock. */
export function deathsIn(timeline: Timeline): { readonly at: number; readonly name: string }[] {
  return timeline.flatMap((event) => {
    const at = event.at * 1_000;
    if (event.verb === 'crash') return [{ at, name: event.crash }];
    return event.verb === 'kill' ? [{ at, name: event.kill }] : [];
  });
}

/** What is wrong about what the others know of a node that died: asked `deadMs` after its death, nobody may list it who ran all the time. */
export function unknownDeath(network: SimulatedNetwork, name: string): string[] {
  const { clock, settings, running } = network;
  const dead = network.node(name);
  // It may have started again since, or not have run when it was to die.
  if (dead.isUp || Math.abs(clock.now() - dead.diedAt - settings.deadMs) >= 1) return [];
  return running
    .filter(({ upSince, lastStop }) => upSince < dead.diedAt && lastStop.until < dead.diedAt)
    .filter(({ node }) => node?.peers().some(({ id }) => id === dead.id))
    .map((each) => `${each.name} lists ${name}, which died ${settings.deadMs / 1_000} s ago`);
}
