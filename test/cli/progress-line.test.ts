import { displayWidth } from '../../src/cli/display-width.ts';
import { progressLine } from '../../src/cli/progress-line.ts';
import { ID, OTHER_ID } from './support/fake-node.ts';

const progress = { received: 50 * 1024, size: 100 * 1024, source: OTHER_ID };
const figures = { progress, rate: 25 * 1024, leftMs: 2_000, peers: [OTHER_ID] };

describe('progressLine', () => {
  test.each([
    ['a short name', 'GET x'],
    ['a long name', `GET ${'x'.repeat(300)}`],
    ['a long name of wide characters', `GET ${'漢字'.repeat(100)}`],
  ])('keeps its figures beside %s, on one line', (_what, line) => {
    const text = progressLine({ line, figures }, 100);
    expect(text).toMatch(
      /^█{12}░{12} 50 % {2}GET .* {2}50\.0 KiB of 100\.0 KiB {2}25\.0 KiB\/s {2}2 s left {2}bbbbbbbb$/,
    );
    expect(displayWidth(text)).toBeLessThan(100);
  });

  test.each([60, 20, 3, 1])('is narrower than %d columns', (columns) => {
    const text = progressLine({ line: `GET ${'漢字'.repeat(100)}`, figures }, columns);
    expect(displayWidth(text)).toBeLessThan(columns);
  });

  test('says how many files, and how many nodes, where there are several', () => {
    const several = { ...figures, progress: { ...progress, files: { ended: 3, of: 7 } }, peers: [OTHER_ID, ID] };
    expect(progressLine({ line: 'GET a/', figures: several }, 120)).toMatch(
      / 3\/7 files {2}25\.0 KiB\/s {2}2 s left {2}2 nodes$/,
    );
  });

  test('leaves out what is not known', () => {
    const unknown = { ...figures, rate: undefined, leftMs: undefined };
    expect(progressLine({ line: 'GET a', figures: unknown }, 100)).toMatch(/ of 100\.0 KiB {2}bbbbbbbb$/);
  });

  test('shows nothing that would steer the terminal', () => {
    expect(progressLine({ line: 'GET \u001b[2J', figures }, 100)).not.toContain('\u001b');
  });
});
