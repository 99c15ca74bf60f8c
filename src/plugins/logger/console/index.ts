import { z } from 'zod';
import { LOG_LEVELS, definePlugin } from '../../../kernel/index.ts';
import { eventLogger } from '../../../kit/index.ts';
import { formatLine } from './format-line.ts';

const options = z.strictObject({
  level: z
    .enum(LOG_LEVELS)
    .default('info')
    .describe('The least important level that is shown, where the command line asks for no other.'),
  colour: z
    .enum(['auto', 'always', 'never'])
    .default('auto')
    .describe("Whether levels are coloured; 'auto': at a terminal, unless NO_COLOR is set."),
});

/** Events as lines for people, on standard error or in the log file asked for. */
export const consoleLogger = definePlugin({
  name: 'console',
  kind: 'logger',
  about: 'Events as lines for people, on standard error, coloured at a terminal.',
  options,
  create: ({ level, colour }, { clock, stderr, logLevel, environment }) => {
    // NO_COLOR: see no-color.org; set and not empty means no colour.
    const auto = stderr.isTerminal && (environment.NO_COLOR ?? '') === '';
    const coloured = colour === 'auto' ? auto : colour === 'always';
    return eventLogger({
      clock,
      level: logLevel ?? level,
      write: (event) => stderr.write(`${formatLine(event, coloured)}\n`),
    });
  },
});
