import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { KernelError, toError } from '../../kernel/index.ts';
import type { BenchReport } from '../report.ts';
import { loadChartDrawer, type ChartDrawer } from './charts.ts';
import { GENERATOR, renderPage } from './html.ts';

/** A directory that is ready for a report. */
export interface ReportPage {
  /** Absolute path of the page. */
  readonly file: string;
  /** Writes `index.html` and `report.json`. Throws ERR_DISK. */
  write(report: BenchReport): Promise<void>;
}

/**
 * Makes the directory where it is missing, and looks that everything is there to write the page, so that nobody waits minutes for a
 * report that cannot be written. What an earlier run wrote is replaced.
 *
 * @throws ERR_NOT_INSTALLED without the charting library, ERR_EXISTS where a file of that name is not one of ours, ERR_FOLDER.
 */
export async function openReportPage(directory: string): Promise<ReportPage> {
  const charts = await loadChartDrawer();
  const path = resolve(directory);
  const [file, data] = [join(path, 'index.html'), join(path, 'report.json')];
  try {
    await mkdir(path, { recursive: true });
  } catch (cause) {
    throw new KernelError('ERR_FOLDER', `the report cannot go to ${path}: ${toError(cause).message}`, { cause });
  }
  await refuseForeign(file, (text) => text.includes(GENERATOR));
  await refuseForeign(data, isReport);
  return { file, write: (report) => writeBoth({ file, data, charts }, report) };
}

async function writeBoth(
  { file, data, charts }: { readonly file: string; readonly data: string; readonly charts: ChartDrawer },
  report: BenchReport,
): Promise<void> {
  try {
    await writeFile(data, `${JSON.stringify(report)}\n`);
    await writeFile(file, renderPage(report, charts));
  } catch (cause) {
    throw new KernelError('ERR_DISK', `the report cannot be written: ${toError(cause).message}`, { cause });
  }
}

async function refuseForeign(path: string, isOurs: (text: string) => boolean): Promise<void> {
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new KernelError('ERR_FOLDER', `${path} cannot be read: ${toError(error).message}`, { cause: error });
  });
  if (text !== undefined && !isOurs(text))
    throw new KernelError('ERR_EXISTS', `${path} is there and no report of ours: name another directory`);
}

function isReport(text: string): boolean {
  try {
    const value = JSON.parse(text) as Partial<BenchReport> | null;
    return value?.format === 1 && typeof value.bench === 'string';
  } catch {
    return false;
  }
}
