import { loggerCompliance, type LoggerUnderTest } from '../../src/compliance/index.ts';
import { LOG_LEVELS, type LogFields, type LogLevel, type Logger } from '../../src/kernel/index.ts';
import { consoleLogger } from '../../src/plugins/index.ts';
import { createPlugin } from '../support/create-plugin.ts';
import { override } from '../support/override.ts';
import { expectCaught, type Broken } from './expect-caught.ts';

/** What a logger writes with, and the level asked for: what a defect needs to do its own thing. */
type Written = (text: string) => void;
type BreakingLogger = (sound: Logger, write: Written, level: LogLevel) => Logger;

const broken: readonly (Pick<Broken<Logger>, 'defect' | 'caughtBy'> & { readonly breakIt: BreakingLogger })[] = [
  {
    defect: 'fails at circular fields',
    caughtBy: 'takes whatever fields it is given without throwing',
    breakIt: withEvents((write) => (_level, event, fields) => write(`${event} ${JSON.stringify(fields)}\n`)),
  },
  {
    defect: 'fails without fields',
    caughtBy: 'takes events without fields',
    breakIt: (sound) => override(sound, { warn: (_event, fields) => void Object.keys(fields as LogFields) }),
  },
  {
    defect: 'is enabled for one level only',
    caughtBy: 'is enabled for every level above one that it is enabled for',
    breakIt: (sound, _write, level) => override(sound, { isEnabled: (each) => each === level }),
  },
  {
    defect: 'adds the time to the fields it was given',
    caughtBy: 'leaves the fields as they are',
    breakIt: (sound) =>
      override(sound, { error: (event, fields) => sound.error(event, Object.assign(fields ?? {}, { time: 0 })) }),
  },
  {
    defect: 'writes warnings twice',
    caughtBy: 'writes an event it is enabled for, once, with its name and fields',
    breakIt: (sound) =>
      override(sound, {
        warn: (event, fields) => {
          sound.warn(event, fields);
          sound.warn(event, fields);
        },
      }),
  },
  {
    defect: 'leaves the fields out',
    caughtBy: 'writes an event it is enabled for, once, with its name and fields',
    breakIt: (sound) => override(sound, { info: (event) => sound.info(event) }),
  },
  {
    defect: 'writes every level',
    caughtBy: 'writes nothing of an event it is not enabled for',
    breakIt: withEvents((write) => (_level, event) => write(`${event}\n`)),
  },
  {
    defect: "lets the fields of the parent win over the event's own",
    caughtBy: "adds a child's fields to its events, lets the event's own win, and leaves the parent alone",
    breakIt: (sound) =>
      override(sound, {
        child: (outer) =>
          override(sound, {
            child: (inner) =>
              override(sound, { info: (event, fields) => sound.info(event, { ...fields, ...inner, ...outer }) }),
          }),
      }),
  },
  {
    defect: 'forgets the fields of a child',
    caughtBy: "adds a child's fields to its events, lets the event's own win, and leaves the parent alone",
    breakIt: (sound) => override(sound, { child: () => sound }),
  },
  {
    defect: 'prints text of peers as it is',
    caughtBy: 'writes one line for each event, whatever is in it, with no control character',
    breakIt: withEvents((write) => (_level, event, fields) => write(`${event} ${String(fields?.name)}\n`)),
  },
  {
    defect: 'prints bytes',
    caughtBy: 'never writes bytes',
    breakIt: withEvents((write) => (_level, event, fields) => write(`${event} ${String(fields?.payload)}\n`)),
  },
];

/** Replaces what is done with an event of any level. */
function withEvents(
  make: (write: Written) => (level: LogLevel, event: string, fields?: LogFields) => void,
): BreakingLogger {
  return (sound, write) => {
    const log = make(write);
    const changes = LOG_LEVELS.map((level) => [
      level,
      (event: string, fields?: LogFields) => log(level, event, fields),
    ]);
    return override(sound, Object.fromEntries(changes) as Partial<Logger>);
  };
}

describe('loggerCompliance', () => {
  const suiteOf = (breakIt: BreakingLogger) =>
    loggerCompliance({
      create: (level): LoggerUnderTest => {
        let text = '';
        const write = (each: string) => void (text += each);
        const sound = createPlugin(consoleLogger({ level }), { stderr: { isTerminal: false, write } });
        return { logger: breakIt(sound, write, level), written: async () => text };
      },
    });
  // What breaks a logger here takes more than the logger: it is chosen, and handed to the suite.
  expectCaught<BreakingLogger>(
    broken.map(({ defect, caughtBy, breakIt }) => ({ defect, caughtBy, breakIt: () => breakIt })),
    (choose) => suiteOf(choose((sound) => sound)),
  );
});
