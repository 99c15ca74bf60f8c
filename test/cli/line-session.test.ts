import { PassThrough } from 'node:stream';
import type { OutputEvent } from '../../src/cli/events.ts';
import { LineSession } from '../../src/cli/line-session.ts';
import { RunningNode } from '../../src/cli/running-node.ts';
import { FakeNode, OTHER_ID } from './support/fake-node.ts';

function setUp({ skipEmpty = false } = {}) {
  const node = new FakeNode();
  const running = new RunningNode(node);
  const input = new PassThrough();
  const events: OutputEvent[] = [];
  const session = new LineSession({ running, input, write: (event) => events.push(event), patient: false, skipEmpty });
  const summary = () => events.map(({ command, event }) => `${command ?? '-'} ${event}`);
  return { node, running, input, session, summary, events };
}

describe('LineSession', () => {
  test('is ready first, answers each line, and ends with the input', async () => {
    const { session, input, summary } = setUp();
    input.end('LIST\n\nSTATUS');
    await session.run();
    expect(summary()).toEqual(['- ready', '1 listed', '2 error', '3 status']);
  });

  test('passes over empty lines where it is told to', async () => {
    const { session, input, summary } = setUp({ skipEmpty: true });
    input.end('\n  \nLIST\n\n');
    await session.run();
    expect(summary()).toEqual(['- ready', '1 listed']);
  });

  test('ends where the input fails', async () => {
    const { session, input, summary } = setUp();
    const run = session.run();
    input.destroy(new Error('EIO'));
    await run;
    expect(summary()).toEqual(['- ready']);
  });

  test('passes on what happens by itself, until it is closed', async () => {
    const { session, node, summary } = setUp();
    node.happen({ type: 'peer-left', id: OTHER_ID, address: 'x' });
    await session.close();
    node.happen({ type: 'peer-left', id: OTHER_ID, address: 'x' });
    expect(summary()).toEqual(['- ready', '- peer-left']);
  });

  test('says closed once, whoever ended the node', async () => {
    const own = setUp();
    own.input.end('BYE\n');
    await own.session.run();
    await own.session.close();
    expect(own.summary()).toEqual(['- ready', '1 closed']);

    const other = setUp();
    await other.running.leave();
    await other.session.close();
    expect(other.summary()).toEqual(['- ready', '- closed']);
  });

  test('closing ends the reading of an input that goes on', async () => {
    const { session, input, summary } = setUp();
    const run = session.run();
    await session.close();
    await run;
    input.write('LIST\n');
    expect(summary()).toEqual(['- ready']);
    expect(input.isPaused()).toBe(true);
  });

  test('reads no more while too many lines wait, and goes on when they have ended', async () => {
    const { session, input, node, summary } = setUp();
    const held: (() => void)[] = [];
    const get = node.onGet;
    node.onGet = async (query, options) => {
      await new Promise<void>((resolve) => held.push(resolve));
      return get(query, options);
    };
    const run = session.run();
    for (let line = 0; line < 100; line += 1) input.write('GET x\n');
    input.end();
    await new Promise((resolve) => setImmediate(resolve));
    expect(held).toHaveLength(64);
    while (summary().length < 101) {
      held.splice(0).forEach((finish) => finish());
      await new Promise((resolve) => setImmediate(resolve));
    }
    await run;
    expect(summary()).toHaveLength(101);
  });
});
