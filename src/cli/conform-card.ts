import { escapeForDisplay } from '../node/messages/display.ts';
import type { ListedPlugin } from './conform-bench.ts';
import type { CaseResult, PluginCard } from './conform-inspection.ts';
import { formatBytes } from './format.ts';

/** The head of a card: what is tried. */
export function presentPlugin({ kind, name, about }: ListedPlugin): string {
  return `${escapeForDisplay(`${kind} ${name}: ${about}`)}\n`;
}

/** A case, on a line; where it failed, why, on a second. */
export function presentCase({ name, passed, reason, milliseconds }: CaseResult): string {
  const line = `  ${passed ? 'passed' : 'FAILED'}  ${name} (${milliseconds} ms)\n`;
  return reason === undefined ? line : `${line}          ${escapeForDisplay(reason)}\n`;
}

/** The foot of a card: how it went in all, and how fast it is. */
export function presentSum({ kind, name, cases, milliseconds, throughput }: PluginCard): string {
  const failed = cases.filter(({ passed }) => !passed).length;
  const counts = failed === 0 ? `all ${cases.length} cases passed` : `${failed} of ${cases.length} cases failed`;
  const rate = throughput === undefined ? '' : `; ${formatThroughput(throughput.perSecond, throughput.unit)} a second`;
  return `${escapeForDisplay(`${kind} ${name}`)}: ${counts} in ${(milliseconds / 1_000).toFixed(1)} s${rate}\n`;
}

function formatThroughput(perSecond: number, unit: string): string {
  const rounded = Math.round(perSecond);
  return unit === 'bytes' ? formatBytes(rounded) : `${rounded.toLocaleString('en-US')} ${unit}`;
}
