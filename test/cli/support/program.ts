import { PassThrough } from 'node:stream';
import { systemClock, systemRandom } from '../../../src/kit/index.ts';
import { StreamOutput } from '../../../src/cli/output.ts';
import type { Program } from '../../../src/cli/program.ts';

/** A program whose streams a test holds. */
export function testProgram(overrides: Partial<Program> = {}) {
  const written = { stdout: '', stderr: '' };
  const capture = (name: keyof typeof written) => {
    const stream = new PassThrough();
    stream.setEncoding('utf8').on('data', (text: string) => (written[name] += text));
    return new StreamOutput(stream);
  };
  const program: Program = {
    version: '1.2.3',
    shippedConfig: { config: undefined, source: 'the shipped config' },
    clock: systemClock(),
    random: systemRandom(),
    environment: {},
    stdin: new PassThrough(),
    stdout: capture('stdout'),
    stderr: capture('stderr'),
    onInterrupt: () => () => undefined,
    exit: (code) => {
      throw new Error(`exit ${code}`);
    },
    ...overrides,
  };
  return { program, written };
}
