import { LOG_LEVELS, type LogFields, type LogLevel, type Logger } from '../kernel/index.ts';
import { toCase, type ComplianceCase, type Requirement } from './compliance-case.ts';
import { attempt, expect, expectEqual } from './expectations.ts';

/** A logger, and what it has written so far. */
export interface LoggerUnderTest {
  readonly logger: Logger;
  /** All text written until now; '' for a logger that writes nowhere. */
  written(): Promise<string>;
}

/** What the suite needs to know of an implementation. */
export interface LoggerFixture {
  /** A new logger that writes events from this level on, if it writes any. */
  create(level: LogLevel): LoggerUnderTest;
}

/** What every Logger must do. A logger whose `isEnabled` says no may write nothing; one that says yes writes. */
export function loggerCompliance(fixture: LoggerFixture): readonly ComplianceCase[] {
  return requirements.map((requirement) => toCase(requirement, fixture));
}

const requirements: readonly Requirement<LoggerFixture>[] = [
  {
    name: 'takes whatever fields it is given without throwing',
    check: async ({ create }) => {
      const { logger } = create('trace');
      for (const [what, fields] of Object.entries(oddFields())) {
        for (const target of [logger, logger.child(fields)]) {
          const called = attempt(() => target.info('odd.fields', fields));
          expect(called.ok, `a field that is ${what} made it throw: ${String(called.error)}`);
        }
      }
    },
  },
  {
    name: 'takes events without fields',
    check: async ({ create }) => {
      const { logger } = create('trace');
      for (const level of LOG_LEVELS) {
        const called = attempt(() => logger[level]('no.fields'));
        expect(called.ok, `${level} without fields made it throw: ${String(called.error)}`);
      }
    },
  },
  {
    name: 'is enabled for every level above one that it is enabled for',
    check: async ({ create }) => {
      for (const level of LOG_LEVELS) {
        const { logger } = create(level);
        const enabled = LOG_LEVELS.map((each) => logger.isEnabled(each));
        const sorted = [...enabled].sort((a, b) => Number(a) - Number(b));
        expect(String(enabled) === String(sorted), `asked for ${level}, it is enabled for ${String(enabled)}`);
      }
    },
  },
  {
    name: 'leaves the fields as they are',
    check: async ({ create }) => {
      const fields = Object.freeze({ a: 1, nested: Object.freeze({ b: 2 }) });
      const { logger } = create('trace');
      for (const target of [logger, logger.child(fields)]) {
        const called = attempt(() => target.error('frozen', fields));
        expect(called.ok, `frozen fields made it throw: ${String(called.error)}`);
      }
      expectEqual(Object.keys(fields).join(), 'a,nested', 'fields after the call');
    },
  },
  {
    name: 'writes an event it is enabled for, once, with its name and fields',
    check: async ({ create }) => {
      for (const level of LOG_LEVELS) {
        const { logger, written } = create(level);
        if (!logger.isEnabled(level)) continue;
        logger[level]('marked.event', { marked: 'value-4711', number: 8_128 });
        const text = await written();
        expectEqual(text.split('marked.event').length - 1, 1, `times that an event of level ${level} was written`);
        expect(
          text.includes('value-4711') && text.includes('8128'),
          `the fields are missing in ${JSON.stringify(text)}`,
        );
      }
    },
  },
  {
    name: 'writes nothing of an event it is not enabled for',
    check: async ({ create }) => {
      for (const asked of LOG_LEVELS) {
        const { logger, written } = create(asked);
        for (const level of LOG_LEVELS.filter((each) => !logger.isEnabled(each))) logger[level](`hidden.${level}`);
        expectEqual(await written(), '', `what was written, asked for ${asked}, of levels that are not enabled`);
      }
    },
  },
  {
    name: "adds a child's fields to its events, lets the event's own win, and leaves the parent alone",
    check: async ({ create }) => {
      const { logger, written } = create('info');
      if (!logger.isEnabled('info')) return;
      const child = logger
        .child({ one: 'from-parent', two: 'from-child-1', three: 'kept-from-child-1' })
        .child({ two: 'from-child-2' });
      child.info('first', { one: 'from-event' });
      const first = await written();
      expect(
        ['from-event', 'from-child-2', 'kept-from-child-1'].every((each) => first.includes(each)),
        `fields are missing in ${JSON.stringify(first)}`,
      );
      expect(!/from-parent|[^-]from-child-1/.test(first), `fields that were replaced are in ${JSON.stringify(first)}`);
      logger.info('second');
      const second = (await written()).slice(first.length);
      expect(!second.includes('from-child'), `the parent has the fields of its child: ${JSON.stringify(second)}`);
      expectEqual(child.isEnabled('info'), true, 'isEnabled of the child');
    },
  },
  {
    name: 'writes one line for each event, whatever is in it, with no control character',
    check: async ({ create }) => {
      const { logger, written } = create('info');
      if (!logger.isEnabled('info')) return;
      const hostile = 'a\nb\r\n\u001b[2Jc\u0000\u0007\u007f\u0085\u009b31m\u2028\u202ed\u2066';
      logger.info('hostile', { name: hostile, nested: { deep: [hostile] }, error: new Error(hostile), [hostile]: 1 });
      logger.info('next');
      const text = await written();
      expectEqual(text.split('\n').length - 1, 2, 'lines for two events');
      const found = /[^\P{Cc}\n]|[\u2028\u2029\u202a-\u202e\u2066-\u2069]/u.exec(text)?.[0];
      expect(found === undefined, `the text holds the control character U+${found?.charCodeAt(0).toString(16) ?? ''}`);
    },
  },
  {
    name: 'never writes bytes',
    check: async ({ create }) => {
      const { logger, written } = create('info');
      const secret = new TextEncoder().encode('SECRET');
      logger.info('bytes', { payload: secret, nested: { payload: secret, buffer: Buffer.from(secret) } });
      const shown = /SECRET|83\W+69\W+67|"?0"?:\s*83|53\s?45\s?43\s?52/i.test(await written());
      expect(!shown, 'bytes in a field were written');
    },
  },
];

/** Fields that code which prints them stumbles over. */
function oddFields(): Readonly<Record<string, LogFields>> {
  const circular: Record<string, unknown> = {};
  circular.self = circular;
  const throwing = Object.defineProperty({}, 'value', {
    enumerable: true,
    get: () => {
      throw new Error('a getter that throws');
    },
  });
  return {
    undefined: { value: undefined },
    null: { value: null },
    'a bigint': { value: 2n ** 70n, nested: { value: 1n } },
    'a symbol': { value: Symbol('s'), nested: { value: Symbol('s') } },
    'a function': { value: () => undefined },
    circular: { value: circular },
    'a getter that throws': throwing,
    'an object with a getter that throws': { value: throwing },
    'an object whose toJSON throws': {
      value: {
        toJSON: () => {
          throw new Error('a toJSON that throws');
        },
      },
    },
    'an object without prototype': { value: Object.create(null) as unknown },
    'an invalid date': { value: new Date(NaN) },
    'an error with a cause that is itself': { value: Object.assign(new Error('odd'), { cause: circular }) },
    'a lone surrogate': { value: '\ud800' },
    'very long': { value: 'x'.repeat(1_000_000) },
    'a map': { value: new Map([[1, 2]]) },
    bytes: { value: new Uint8Array(100_000) },
  };
}
