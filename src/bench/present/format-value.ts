import type { Unit } from '../report.ts';

const DURATIONS = [
  { factor: 1, unit: 's' },
  { factor: 1e-3, unit: 'ms' },
  { factor: 1e-6, unit: 'µs' },
  { factor: 1e-9, unit: 'ns' },
] as const;
const BYTES = ['B', 'KiB', 'MiB', 'GiB', 'TiB'] as const;
const THOUSANDS = [
  { factor: 1e9, unit: 'G' },
  { factor: 1e6, unit: 'M' },
  { factor: 1e3, unit: 'k' },
] as const;
const DIGITS = 3;

/** A value of a section with the prefix that fits it, in three digits: `1.23 µs`, `85.0 B`, `412 MiB/s`, `54.1 k/s`. */
export function formatValue(value: number, { quantity }: Pick<Unit, 'quantity'>): string {
  switch (quantity) {
    case 'duration': {
      const { factor, unit } = DURATIONS.find((each) => rounded(value / each.factor) >= 1) ?? DURATIONS[3];
      return `${formatNumber(value / factor)} ${unit}`;
    }
    case 'bytes':
      return formatBytes(value);
    case 'byteRate':
      return `${formatBytes(value)}/s`;
    case 'rate':
      return `${formatThousands(value)}/s`;
    case 'number':
      return Math.abs(value) < 10_000 ? formatNumber(value) : formatThousands(value);
  }
}

/** Three digits that count, without exponent; whole numbers stay whole. */
export function formatNumber(value: number): string {
  if (!Number.isFinite(value)) return String(value);
  if (Number.isInteger(value)) return String(value);
  const size = rounded(Math.abs(value));
  const decimals = size === 0 ? 0 : Math.max(0, DIGITS - 1 - Math.floor(Math.log10(size)));
  return value.toFixed(Math.min(decimals, 6));
}

/** A multiple of something else: `0.85×`, `1.00×`, `12×`; of nothing, `∞×`. */
export function formatRatio(ratio: number): string {
  if (ratio === Infinity) return '∞×';
  if (ratio < 0.01) return '<0.01×';
  return `${ratio < 10 ? ratio.toFixed(2) : formatNumber(Math.round(ratio))}×`;
}

function formatBytes(value: number): string {
  let scaled = value;
  let unit = 0;
  while (Math.abs(scaled) >= 1024 && unit < BYTES.length - 1) {
    scaled /= 1024;
    unit += 1;
  }
  return `${formatNumber(scaled)} ${BYTES[unit] ?? ''}`;
}

function formatThousands(value: number): string {
  const found = THOUSANDS.find(({ factor }) => rounded(Math.abs(value) / factor) >= 1);
  return found === undefined ? formatNumber(value) : `${formatNumber(value / found.factor)} ${found.unit}`;
}

function rounded(value: number): number {
  return Number(value.toPrecision(DIGITS));
}
