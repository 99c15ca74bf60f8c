import { readFile } from 'node:fs/promises';

/** What the kernel (Linux) says of a process, from outside. */

const MIB = 1024 * 1024;
/** Linux counts processor time in ticks of 10 ms for everything in /proc (man 5 proc, CLK_TCK). */
const TICK_SECONDS = 0.01;

/** Most memory it ever had at once, in MiB. */
export async function peakMemory({ pid }: { readonly pid: number }): Promise<number> {
  const [, kilobytes] = /^VmHWM:\s*(\d+) kB$/m.exec(await readFile(`/proc/${pid}/status`, 'utf8')) ?? [];
  return (Number(kilobytes) * 1024) / MIB;
}

/** Processor time it took so far, in seconds, user and system together. */
export async function processorTime({ pid }: { readonly pid: number }): Promise<number> {
  const line = await readFile(`/proc/${pid}/stat`, 'utf8');
  // The name, in parentheses, may hold blanks; utime and stime are fields 14 and 15, the state after the name being field 3.
  const fields = line.slice(line.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * TICK_SECONDS;
}

/** Bytes it read so far by any system call. */
export async function bytesRead({ pid }: { readonly pid: number }): Promise<number> {
  const [, bytes] = /^rchar: (\d+)$/m.exec(await readFile(`/proc/${pid}/io`, 'utf8')) ?? [];
  return Number(bytes);
}
