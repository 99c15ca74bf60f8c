import { errorCode, toError } from '../kernel/index.ts';
import { formatSharedKey, makeSharedKey } from '../node/identity/shared-key.ts';
import { parseArguments, type Invocation } from './arguments.ts';
import { benchWorker } from './bench-worker.ts';
import { bench } from './bench.ts';
import { conform } from './conform.ts';
import { control } from './ctl.ts';
import { demo } from './demo.ts';
import {
  describePlugins,
  describeProfile,
  describeProfiles,
  presentPlugins,
  presentProfile,
  presentProfiles,
} from './describe-config.ts';
import { errorEvent } from './events.ts';
import { loadConfig, type LoadedConfig } from './load-config.ts';
import { presentJson } from './present-json.ts';
import { presentText } from './present-text.ts';
import type { Program } from './program.ts';
import { sim } from './sim.ts';
import { start } from './start.ts';

const DONE = 0;
const FAILED = 1;
const WRONG_USAGE = 2;

/** Does what the words after the program's name say; resolves to the exit code. */
export async function run(words: readonly string[], program: Program): Promise<number> {
  try {
    return await carryOut(await parseArguments(words, program.version), program);
  } catch (error) {
    const { code, message } = errorEvent(error);
    program.stderr.write(`peerhold: ${code}: ${message}\n`);
    // A mistake of the program: without a code, so that where it happened helps whoever mends it.
    if (errorCode(error) === undefined) program.stderr.write(`${toError(error).stack ?? ''}\n`);
    return code === 'ERR_USAGE' ? WRONG_USAGE : FAILED;
  }
}

async function carryOut(invocation: Invocation, program: Program): Promise<number> {
  const { stdout, random } = program;
  const load = async (file: string | undefined): Promise<LoadedConfig> =>
    file === undefined ? program.shippedConfig : loadConfig(file);
  const show = <T>(value: T, json: boolean, present: (value: T) => string): number => {
    stdout.write(json ? `${JSON.stringify(value, null, 2)}\n` : present(value));
    return DONE;
  };
  switch (invocation.command) {
    case 'start':
      await start(invocation, program);
      return DONE;
    case 'ctl':
      return runControl(invocation, program);
    case 'profiles':
      return show(describeProfiles(await load(invocation.config)), invocation.json, presentProfiles);
    case 'plugins':
      return show(describePlugins(await load(invocation.config)), invocation.json, presentPlugins);
    case 'config':
      return show(describeProfile(await load(invocation.config), invocation.profile), invocation.json, presentProfile);
    case 'conform':
      return (await conform(invocation, program)) ? DONE : FAILED;
    case 'bench':
      return (await bench(invocation, program)) ? DONE : FAILED;
    case 'bench-worker':
      await benchWorker(invocation, program);
      return DONE;
    case 'sim':
      return (await sim(invocation, program)) ? DONE : FAILED;
    case 'keygen':
      stdout.write(`${formatSharedKey(makeSharedKey(random))}\n`);
      return DONE;
    case 'demo':
      await demo(program);
      return DONE;
    case 'text':
      stdout.write(invocation.text);
      return DONE;
  }
}

async function runControl(
  { directory, line, json }: Extract<Invocation, { command: 'ctl' }>,
  { stdout, stderr }: Program,
): Promise<number> {
  let code = DONE;
  for await (const event of control(directory, line)) {
    const isUnsafe = event.event === 'safe' && !event.safe;
    if (event.event === 'error' || isUnsafe || (event.event === 'got' && event.failed > 0)) code = FAILED;
    const output = json || event.event !== 'error' ? stdout : stderr;
    output.write(json ? presentJson(event) : `${presentText(event)}\n`);
  }
  return code;
}
