import { formatNumber, formatRatio, formatValue } from '../../../src/bench/present/format-value.ts';

describe('formatValue', () => {
  test.each([
    ['duration', 1.234e-9, '1.23 ns'],
    ['duration', 9.996e-7, '1.00 µs'],
    ['duration', 0.0456, '45.6 ms'],
    ['duration', 12.3, '12.3 s'],
    ['duration', 0, '0 ns'],
    ['bytes', 85, '85 B'],
    ['bytes', 25.31, '25.3 B'],
    ['bytes', 3 * 2 ** 20, '3 MiB'],
    ['byteRate', 412.5 * 2 ** 20, '413 MiB/s'],
    ['rate', 54_100, '54.1 k/s'],
    ['rate', 12, '12/s'],
    ['number', 4, '4'],
    ['number', 1.5, '1.50'],
    ['number', 2_500_000, '2.50 M'],
  ] as const)('writes %s %d as %s', (quantity, value, text) => {
    expect(formatValue(value, { quantity })).toBe(text);
  });
});

test('formatNumber has three digits that count, and no exponent', () => {
  expect([0.00123, 0.123, 1.5, 99.96, 1234.5].map(formatNumber)).toEqual(['0.00123', '0.123', '1.50', '100', '1235']);
});

test('formatRatio says when a ratio is too small to write', () => {
  expect([0.001, 0.854, 1, 12.3, 1500].map(formatRatio)).toEqual(['<0.01×', '0.85×', '1.00×', '12×', '1500×']);
});
