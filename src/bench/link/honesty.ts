import { z } from 'zod';

/** What an emulator says of itself when it ends: how far its link was the one that was asked for. */
export interface Honesty {
  /** Packets it delivered, both ways. */
  readonly delivered: number;
  /** Packets the system dropped before the emulator read them: nothing of the link's doing. */
  readonly unread: number;
  /** Packets delivered more than a millisecond after they were due, and how late the worst was. */
  readonly late: number;
  readonly latestMs: number;
}

const count = z.number().min(0);
const closingLine = z.object({
  directions: z.record(z.string(), z.object({ delivered: count })),
  tun_dropped: z.record(z.string(), count),
  late_over_1ms: count,
  late_max_ms: count,
});

/** More than this share of late packets, and what was measured was the machine. */
const BEARABLE_LATE_SHARE = 0.01;

/** Reads the closing line of an emulator. Throws Error where it is none. */
export function parseHonesty(line: string): Honesty {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (cause) {
    throw new Error(`the emulator ended without its closing line of JSON: ${line.slice(0, 80)}`, { cause });
  }
  const parsed = closingLine.safeParse(value);
  if (!parsed.success) throw new Error(`the emulator's closing line is not as it should be: ${parsed.error.message}`);
  const { directions, tun_dropped: unread, late_over_1ms: late, late_max_ms: latestMs } = parsed.data;
  const sum = (counts: readonly number[]) => counts.reduce((total, each) => total + each, 0);
  return {
    delivered: sum(Object.values(directions).map(({ delivered }) => delivered)),
    unread: sum(Object.values(unread)),
    late,
    latestMs,
  };
}

/** Share of the packets that came late, 0 to 1. */
export function lateShare({ late, delivered }: Honesty): number {
  return delivered === 0 ? 0 : late / delivered;
}

/** Whether what was measured was the link that was asked for. */
export function isHonest(honesty: Honesty): boolean {
  return honesty.unread === 0 && lateShare(honesty) <= BEARABLE_LATE_SHARE;
}
