import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { chromium, type Browser, type Page } from 'playwright-core';
import { openReportPage } from '../../../src/bench/page/report-page.ts';
import type { BenchReport } from '../../../src/bench/report.ts';
import { useTemporaryFolder } from '../../cli/support/temporary-folder.ts';
import { ROOT } from '../../support/source-files.ts';
import { drawnCharts, leastContrast, overlappingTexts, sidewaysScroll } from './in-page.js';
import { sampleReport } from '../support/sample-report.ts';

const folder = useTemporaryFolder();
const RESULTS = join(ROOT, 'bench/results');
let browser: Browser;

beforeAll(async () => {
  const executablePath = process.env['CHROMIUM'] ?? '/usr/bin/chromium';
  // As root, as CI runs, Chromium has no sandbox; it opens nothing but the page written here.
  browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu'] });
}, 60_000);
afterAll(() => browser.close());

/** A sample, and the last full run of each bench: every chart there is. */
const reports: Promise<Record<string, BenchReport>> = readdir(RESULTS).then(async (names) => {
  const files = names.filter((name) => name.endsWith('.json'));
  const read = async (name: string) =>
    [name, JSON.parse(await readFile(join(RESULTS, name), 'utf8')) as BenchReport] as const;
  return { sample: sampleReport(), ...Object.fromEntries(await Promise.all(files.map(read))) };
});

interface Opened {
  readonly page: Page;
  /** Errors of the console, and whatever was asked for besides the page itself. */
  readonly complaints: readonly string[];
}

interface Look {
  readonly colorScheme?: 'light' | 'dark';
  /** Of the window, in CSS pixels. */
  readonly width?: number;
}

async function open(report: BenchReport, { colorScheme = 'light', width = 1_300 }: Look = {}): Promise<Opened> {
  const { file, write } = await openReportPage(folder.path);
  await write(report);
  const page = await browser.newPage({ colorScheme, viewport: { width, height: 900 } });
  const complaints: string[] = [];
  const url = pathToFileURL(file).href;
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('request', (request) => {
    if (request.url() !== url && !request.url().startsWith('data:')) complaints.push(`asked for ${request.url()}`);
  });
  await page.goto(url);
  return { page, complaints };
}

describe('the page of a report in a browser', () => {
  test('has every chart drawn, of every report there is, without an error or a request', async () => {
    for (const [name, report] of Object.entries(await reports)) {
      const { page, complaints } = await open(report);
      const charts = await page.evaluate(drawnCharts);
      expect([name, charts.length]).toEqual([name, report.sections.length]);
      charts.forEach(({ width, height, marks, texts }, index) => {
        const { subjects, rowsAre } = report.sections[index]!;
        expect(width).toBeGreaterThan(300);
        expect(height).toBeGreaterThan(150);
        expect(marks).toBeGreaterThan(subjects.length);
        expect(texts).toEqual(expect.arrayContaining([rowsAre, ...subjects]));
      });
      expect([name, complaints]).toEqual([name, []]);
      await page.close();
    }
  }, 120_000);

  test.each(['light', 'dark'] as const)('is readable in %s', async (scheme) => {
    const { page } = await open(sampleReport(), { colorScheme: scheme });
    expect(await page.evaluate(leastContrast)).toBeGreaterThanOrEqual(4.5);
    await page.close();
  });

  test('has no texts of a chart that run into each other', async () => {
    for (const report of Object.values(await reports)) {
      const { page } = await open(report);
      expect(await page.evaluate(overlappingTexts)).toEqual([]);
      await page.close();
    }
  }, 120_000);

  test.each([1_280, 400])(
    'has all charts of one size that can be read, in a window of %d pixels',
    async (width) => {
      for (const report of Object.values(await reports)) {
        const { page } = await open(report, { width });
        const [first, ...others] = await page.evaluate(drawnCharts);
        // One that stands alone in its group too.
        for (const other of others) expect(other.width).toBeCloseTo(first!.width);
        expect(first!.width).toBeGreaterThanOrEqual(480);
        expect(first!.width).toBeLessThan(700);
        expect(await page.evaluate(sidewaysScroll)).toBe(0);
        await page.close();
      }
    },
    120_000,
  );

  test('gives out all data', async () => {
    const { page } = await open(sampleReport());
    const [download] = await Promise.all([page.waitForEvent('download'), page.click('a[download]')]);
    expect(JSON.parse(await readFile(await download.path(), 'utf8'))).toEqual(sampleReport());
    await page.close();
  });
});
