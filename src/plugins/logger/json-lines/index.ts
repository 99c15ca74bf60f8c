import { isAbsolute, join } from 'node:path';
import { z } from 'zod';
import { KernelError, LOG_LEVELS, definePlugin } from '../../../kernel/index.ts';
import { eventLogger } from '../../../kit/index.ts';
import { formatJsonLine } from './format-json-line.ts';
import { LogFile } from './log-file.ts';

const MIB = 1024 * 1024;

const options = z.strictObject({
  file: z
    .string()
    .min(1)
    .default('logs/node.jsonl')
    .describe(
      "Where to write: an absolute path, or one in the node's own directory, `.peerhold` in the shared folder.",
    ),
  level: z
    .enum(LOG_LEVELS)
    .default('info')
    .describe('The least important level that is written, where the command line asks for no other.'),
  maxBytes: z
    .int()
    .min(1_024)
    .max(2 ** 40)
    .default(64 * MIB)
    .describe('Size from which on the file is set aside, as `<file>.1`, and begun anew.'),
  keep: z
    .int()
    .min(1)
    .max(1_000)
    .default(4)
    .describe('How many files that were set aside are kept; the oldest is removed when there are more.'),
});

/** Events as lines of JSON in a file of the node's own, rotated by size. */
export const jsonLines = definePlugin({
  name: 'json-lines',
  kind: 'logger',
  about: 'Events as JSON, one a line, in a file that is rotated by size: for programs, and for looking back.',
  options,
  create: ({ file, level, maxBytes, keep }, { clock, stderr, logLevel, privateDirectory, onClose }) => {
    const path = pathOf(file, privateDirectory);
    const logFile = new LogFile({
      path,
      maxBytes,
      keep,
      clock,
      onFailure: ({ message }) =>
        stderr.write(`peerhold: the log file ${path} cannot be written, tried again every 10 s: ${message}\n`),
      describeLost: (lines) =>
        formatJsonLine({ time: clock.wallTime(), level: 'warn', event: 'log.lost', fields: { events: lines } }),
    });
    onClose(() => logFile.close());
    return eventLogger({ clock, level: logLevel ?? level, write: (event) => logFile.write(formatJsonLine(event)) });
  },
});

function pathOf(file: string, privateDirectory: string | undefined): string {
  if (isAbsolute(file)) return file;
  if (privateDirectory !== undefined) return join(privateDirectory, file);
  throw new KernelError(
    'ERR_CONFIG',
    `json-lines: the file ${JSON.stringify(file)} is relative, and this node has no directory of its own: give an absolute path`,
  );
}
