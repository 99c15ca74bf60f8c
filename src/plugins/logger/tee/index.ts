import { z } from 'zod';
import { definePlugin, pluginOption } from '../../../kernel/index.ts';
import { TeeLogger } from './tee-logger.ts';

const options = z.strictObject({
  loggers: z
    .array(pluginOption('logger'))
    .default([])
    .describe('The loggers, called as in a profile; each keeps its own level unless the command line asks for one.'),
});

/** Every event to several loggers, each of which takes what its own level lets through. */
export const tee = definePlugin({
  name: 'tee',
  kind: 'logger',
  about: 'Several loggers at once, each at its own level: such as warnings on the terminal and everything in a file.',
  options,
  create: ({ loggers }, context) => new TeeLogger(loggers.map((logger) => logger.create(context))),
});
