import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const PATIENCE_MS = 10_000;

/** Runs a tool of the system and resolves to what it wrote. Rejects with what it complained of, or where it takes too long. */
export async function runTool([file, ...words]: readonly [string, ...string[]], signal: AbortSignal): Promise<string> {
  const { stdout } = await promisify(execFile)(file, words, { timeout: PATIENCE_MS, signal });
  return stdout;
}
