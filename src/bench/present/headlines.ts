import type { BenchReport } from '../report.ts';
import { formatValue } from './format-value.ts';

/** Where it ran, in one line. */
export function machineLine({ machine }: BenchReport): string {
  const { processor, cores, memoryBytes, system, loadBefore } = machine;
  const memory = formatValue(memoryBytes, { quantity: 'bytes' });
  return `${processor}, ${cores} ${cores === 1 ? 'core' : 'cores'}, ${memory}; ${system}; load before ${loadBefore.toFixed(2)}`;
}

/** What ran, in one line. */
export function versionsLine({ versions, seed, quick, startedAt }: BenchReport): string {
  const named = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  const when = `${startedAt.slice(0, 16).replace('T', ' ')} UTC`;
  return `${named.join(', ')}; ${when}; seed ${seed}${quick ? '; quick' : ''}`;
}
