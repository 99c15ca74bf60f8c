import { once } from 'node:events';
import { createConnection, type Socket } from 'node:net';
import { KernelError, toError } from '../kernel/index.ts';
import { findControlPath } from './control-path.ts';
import { isFinal, type OutputEvent } from './events.ts';
import { LineSplitter } from './read-lines.ts';
import { systemErrorCode } from './system-error.ts';

/** Longest answer taken, in characters: a list of some hundred thousand files. */
const MAX_ANSWER_LENGTH = 256 * 1024 * 1024;

/**
 * Gives the running node of a folder one command line, and yields each event that the command causes; the last is its final one.
 *
 * @throws ERR_NOT_RUNNING where no node answers, or it goes away before the final event.
 */
export async function* control(directory: string, line: string): AsyncGenerator<OutputEvent> {
  const socket = await connect(directory);
  const splitter = new LineSplitter(MAX_ANSWER_LENGTH);
  let ended = false;
  try {
    socket.end(`${line}\n`);
    for await (const chunk of socket) {
      for (const answer of splitter.push(chunk as Uint8Array)) {
        if (answer instanceof KernelError) throw answer;
        const event = JSON.parse(answer) as OutputEvent;
        if (event.command !== 1) continue;
        ended = isFinal(event);
        yield event;
      }
    }
    if (!ended) throw new KernelError('ERR_NOT_RUNNING', `the node of ${directory} went away before it answered`);
  } finally {
    socket.destroy();
  }
}

async function connect(directory: string): Promise<Socket> {
  try {
    const socket = createConnection({ path: await findControlPath(directory), allowHalfOpen: true });
    await once(socket, 'connect');
    return socket;
  } catch (cause) {
    const problem =
      systemErrorCode(cause) === 'EACCES'
        ? `a node in ${directory} takes commands from its owner only`
        : `no node runs in ${directory}; peerhold start ${directory} starts one`;
    throw new KernelError('ERR_NOT_RUNNING', `${problem} (${toError(cause).message})`, { cause });
  }
}
