import { PassThrough } from 'node:stream';
import { Prompt } from '../../src/cli/prompt.ts';
import { RunningNode } from '../../src/cli/running-node.ts';
import { VirtualClock } from '../../src/kit/index.ts';
import type { ReceivedFile, TransferOptions } from '../../src/node/index.ts';
import { CHECKSUM, FakeNode, OTHER_ID } from './support/fake-node.ts';

const settle = () => new Promise((resolve) => setImmediate(resolve));

function setUp() {
  const node = new FakeNode();
  const running = new RunningNode(node);
  const clock = new VirtualClock();
  const input = new PassThrough();
  const output = Object.assign(new PassThrough(), { columns: 100 });
  let written = '';
  output.setEncoding('utf8').on('data', (text: string) => (written += text));
  let interrupts = 0;
  const prompt = new Prompt({ running, clock, input, output, interrupt: () => (interrupts += 1) });
  /** Types, key by key, as a person does. */
  const type = async (text: string) => {
    for (const key of text) {
      input.write(key);
      await settle();
    }
  };
  /** What was written since the last look, without what moves the cursor. */
  const shown = async () => {
    await settle();
    // eslint-disable-next-line no-control-regex -- what a terminal is told begins with ESC
    const text = written.replace(/\u001b\[[0-9;]*[A-Za-z]/g, '');
    written = '';
    return text;
  };
  return { node, running, clock, input, prompt, type, shown, interrupts: () => interrupts };
}

describe('Prompt', () => {
  test('says where the node listens, and prints answers before a new prompt', async () => {
    const { prompt, type, shown } = setUp();
    expect(await shown()).toMatch(/^listening on 127\.0\.0\.1:4001 as a+ .*\n> $/);
    await type('list\r');
    expect(await shown()).toMatch(/notes\.txt\n> $/);
    await prompt.close();
  });

  test('prints what happens above the line being typed', async () => {
    const { prompt, node, type, shown } = setUp();
    await type('GET no');
    await shown();
    node.happen({ type: 'peer-joined', id: OTHER_ID, address: '127.0.0.1:9' });
    expect(await shown()).toBe('bbbbbbbb joined, at 127.0.0.1:9\n> GET no');
    prompt.print('a log line\n');
    expect(await shown()).toBe('a log line\n> GET no');
    await prompt.close();
  });

  test('completes commands and names', async () => {
    const { prompt, node, type } = setUp();
    await type('ge\tno\t\r');
    expect(node.calls).toEqual(['get notes.txt']);
    await prompt.close();
  });

  test('passes over empty lines', async () => {
    const { prompt, type, shown } = setUp();
    await type('\r  \r');
    expect(await shown()).not.toContain('ERR_');
    await prompt.close();
  });

  test('shows a bar for a running GET, which goes with it', async () => {
    const { prompt, node, clock, type, shown } = setUp();
    let finish: (file: ReceivedFile) => void = () => undefined;
    let options: TransferOptions = {};
    node.onGet = (_query, given) => {
      options = given;
      return new Promise((resolve) => (finish = resolve));
    };
    await type('GET big\r');
    await clock.advance(1000);
    options.onProgress?.({ received: 0, size: 4096, source: OTHER_ID });
    await clock.advance(1000);
    options.onProgress?.({ received: 1024, size: 4096, source: OTHER_ID });
    await shown();
    await clock.advance(100);
    expect(await shown()).toMatch(
      /^█{6}░{18} 25 % {2}GET big {2}1\.0 KiB of 4\.0 KiB {2}\S+ B\/s {2}3 s left {2}bbbbbbbb\n> $/,
    );
    finish({ name: 'big', size: 4096, checksum: CHECKSUM, seconds: 2, sources: { [OTHER_ID]: 4096 } });
    expect(await shown()).toMatch(/^received big \(4\.0 KiB.*\n> $/);
    await prompt.close();
    expect(clock.pendingTimers).toBe(0);
  });

  test('passes Ctrl-C on', async () => {
    const { prompt, type, interrupts } = setUp();
    await type('\u0003\u0003');
    expect(interrupts()).toBe(2);
    await prompt.close();
  });

  test('Ctrl-D is BYE', async () => {
    const { prompt, running, node, type, shown } = setUp();
    await type('\u0004');
    expect(running.leaving.aborted).toBe(true);
    await prompt.close();
    expect(node.calls).toEqual(['close']);
    expect(await shown()).toContain('bye\n');
  });

  test('says bye once', async () => {
    const { prompt, type, shown } = setUp();
    await type('BYE\r');
    await prompt.close();
    expect((await shown()).match(/bye\n/g)).toHaveLength(1);
  });
});
