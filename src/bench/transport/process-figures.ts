import { readFile } from 'node:fs/promises';

const KIB = 1024;

/** Processor time this process took so far, in seconds, user and system together. */
export function cpuSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000_000;
}

/**
 * Most memory this process had in RAM at once, in bytes. Linux is asked by /proc: its getrusage counts what the parent process had when it
 * started this one (exec takes the old maximum over).
 */
export async function peakMemory(): Promise<number> {
  return (await peakMemoryOf('self')) ?? process.resourceUsage().maxRSS * KIB;
}

/** The same of another process, by its id; undefined where the system does not tell: only Linux does. */
export async function peakMemoryOf(pid: number | 'self'): Promise<number | undefined> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  const kibibytes = /^VmHWM:\s*(\d+) kB$/m.exec(status)?.[1];
  return kibibytes === undefined ? undefined : Number(kibibytes) * KIB;
}
