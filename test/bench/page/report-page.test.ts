import { mkdir, readFile, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { loadChartDrawer } from '../../../src/bench/page/charts.ts';
import { renderPage } from '../../../src/bench/page/html.ts';
import { openReportPage } from '../../../src/bench/page/report-page.ts';
import { useTemporaryFolder } from '../../cli/support/temporary-folder.ts';
import { sampleReport, sampleSection } from '../support/sample-report.ts';

const folder = useTemporaryFolder();

describe('the directory of a report', () => {
  test('is made, and gets the page and the data', async () => {
    const page = await openReportPage(join(folder.path, 'deep', 'report'));
    await page.write(sampleReport());
    expect((await readdir(join(folder.path, 'deep', 'report'))).sort()).toEqual(['index.html', 'report.json']);
    expect(JSON.parse(await readFile(join(folder.path, 'deep/report/report.json'), 'utf8'))).toEqual(sampleReport());
  });

  test('may hold an earlier report, which is replaced', async () => {
    await (await openReportPage(folder.path)).write(sampleReport());
    const page = await openReportPage(folder.path);
    await page.write(sampleReport({ title: 'Another' }));
    expect(await readFile(page.file, 'utf8')).toContain('<h1>Another</h1>');
  });

  test.each(['index.html', 'report.json'])('is refused where %s is somebody else’s', async (name) => {
    await writeFile(join(folder.path, name), '{}');
    await expect(openReportPage(folder.path)).rejects.toMatchObject({ code: 'ERR_EXISTS' });
    expect(await readFile(join(folder.path, name), 'utf8')).toBe('{}');
  });

  test('is refused where it cannot be made', async () => {
    await writeFile(join(folder.path, 'file'), '');
    await expect(openReportPage(join(folder.path, 'file'))).rejects.toMatchObject({ code: 'ERR_FOLDER' });
    await mkdir(join(folder.path, 'taken', 'index.html'), { recursive: true });
    await expect(openReportPage(join(folder.path, 'taken'))).rejects.toMatchObject({ code: 'ERR_FOLDER' });
  });
});

describe('the page', () => {
  const page = loadChartDrawer().then((draw) => renderPage(sampleReport(), draw));

  test('has a chart with a name for each section', async () => {
    const charts = (await page).match(/<svg class="chart" role="img"[^>]*>/g) ?? [];
    expect(charts).toHaveLength(3);
    expect(charts[0]).toContain('aria-label="Insert all, random order"');
  });

  test('names axes, units and subjects in each chart', async () => {
    for (const chart of (await page).match(/<svg [^]*?<\/svg>/g) ?? []) {
      for (const text of ['neighbours', 'is better)', '>a<', '>reference<']) expect(chart).toContain(text);
    }
  });

  test('loads nothing and runs nothing', async () => {
    expect(
      /<script|<link(?! rel="icon" href="data:,")|@import|url\((?!#)|src=|href="(?!#|data:)/.exec(await page),
    ).toBeNull();
  });

  test('has every id once', async () => {
    const ids = [...(await page).matchAll(/ id="([^"]+)"/g)].map(([, id]) => id);
    expect(ids.filter((id, index) => ids.indexOf(id) !== index)).toEqual([]);
  });

  test('shows names of plugins as text, whatever they hold', async () => {
    expect(await page).not.toContain('<tree>');
    expect(await page).toContain('b &#60;tree&#62;');
  });

  test('says below a chart what it has no point for', async () => {
    expect(await page).toContain('Without a point: b &#60;tree&#62; at 10,000 (not run, about 25 s).');
  });

  test('holds all data', async () => {
    const [, data = ''] = /href="data:application\/json;base64,([^"]+)"/.exec(await page) ?? [];
    expect(JSON.parse(Buffer.from(data, 'base64').toString())).toEqual(sampleReport());
  });

  test('draws more subjects than there are symbols', async () => {
    const draw = await loadChartDrawer();
    const subjects = Array.from({ length: 14 }, (_, index) => `subject ${index}`);
    const rows = [100, 1_000].map((x) => ({
      label: String(x),
      x,
      cells: Object.fromEntries(
        subjects.map((name, index) => [name, { median: x + index, low: x, high: x, samples: [x] }]),
      ),
    }));
    const chart = draw(sampleSection({ subjects, rows, reference: undefined }));
    for (const subject of subjects) expect(chart).toContain(`>${subject}<`);
  });
});
