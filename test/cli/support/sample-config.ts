import { z } from 'zod';
import { defineConfig, definePlugin, type Config, type PluginKind } from '../../../src/kernel/index.ts';

/** A config whose plugins can be described, not used. */
export function sampleConfig(): Config {
  const sample = <Kind extends PluginKind>(kind: Kind) =>
    definePlugin({
      name: `sample-${kind.toLowerCase()}`,
      kind,
      about: `A ${kind} that only has a description.`,
      options: z.strictObject({
        limit: z.int().min(1).default(5).describe('How much.'),
        mode: z.enum(['fast', 'safe']).optional().describe('How.'),
      }),
      create: () => {
        throw new Error('not to be used');
      },
    });
  const transport = sample('transport');
  const cipher = sample('cipher');
  const neighbourPriority = sample('neighbourPriority');
  const pieceStrategy = sample('pieceStrategy');
  const logger = sample('logger');
  return defineConfig({
    plugins: [logger, transport, cipher, neighbourPriority, pieceStrategy],
    profiles: {
      default: {
        about: 'A sample.',
        transport: transport(),
        cipher: cipher(),
        neighbourPriority: neighbourPriority(),
        pieceStrategy: pieceStrategy(),
        logger: logger(),
      },
      other: { extends: 'default', about: 'Another.', cipher: cipher({ limit: 9 }), settings: { heartbeatMs: 500 } },
    },
    defaultProfile: 'default',
  });
}
