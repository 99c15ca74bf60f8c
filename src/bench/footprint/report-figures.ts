/**
 * Loaded into a process before its program (`node --import`): whoever started it asks over the channel between them what the process has
 * taken. It keeps no process alive.
 */
process.on('message', () => {
  const { user, system } = process.cpuUsage();
  const figures: ProcessFigures = { cpuSeconds: (user + system) / 1_000_000, memoryBytes: process.memoryUsage.rss() };
  process.send?.(figures);
});
process.channel?.unref();

/** What a process has taken. */
export interface ProcessFigures {
  /** Processor time so far, user and system together. */
  readonly cpuSeconds: number;
  /** What of it is in RAM now. */
  readonly memoryBytes: number;
}
