import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { PROGRAM } from './start-node.ts';

export interface RunOptions {
  /** All of its standard input. */
  readonly input?: string;
  /** Further environment variables. */
  readonly environment?: Readonly<Record<string, string>>;
}

/** Runs the program to its end; a shared key is the environment's affair. */
export async function runProgram(words: readonly string[], { input = '', environment }: RunOptions = {}) {
  const child = spawn(process.execPath, [PROGRAM, ...words], { env: { ...process.env, ...environment } });
  child.stdin.end(input);
  const ended = once(child, 'close') as Promise<[number | null]>;
  const [stdout, stderr, [code]] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
  return { stdout, stderr, code };
}
