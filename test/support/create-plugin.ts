import type { PluginContext, PluginContracts, PluginKind, PluginUse } from '../../src/kernel/index.ts';
import { seededRandom } from '../../src/kit/seeded-random.ts';
import { silentLogger } from '../../src/kit/silent-logger.ts';
import { VirtualClock } from '../../src/kit/virtual-clock.ts';

/** Makes what a filled slot makes, in a world that stands still unless the test hands in another. */
export function createPlugin<Kind extends PluginKind>(
  use: PluginUse<Kind>,
  context: Partial<PluginContext> = {},
): PluginContracts[Kind] {
  const { definition } = use;
  const world: PluginContext = {
    clock: new VirtualClock(),
    random: seededRandom(1),
    logger: silentLogger(),
    environment: {},
    stderr: { isTerminal: false, write: () => undefined },
    onClose: () => undefined,
    ...context,
  };
  // A definition of a kind makes that kind; the union over all kinds has lost the tie.
  return definition.create(definition.options.parse(use.options), world) as PluginContracts[Kind];
}
