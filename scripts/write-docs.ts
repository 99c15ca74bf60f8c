import { readFile, readdir, writeFile } from 'node:fs/promises';
import config from '../plugins.config.ts';
import type { BenchReport } from '../src/bench/report.ts';
import { BENCHMARK_PAGES, fillBenchmarkPage } from './benchmark-pages.ts';
import { configurationPage } from './configuration-page.ts';

const file = (path: string) => new URL(`../${path}`, import.meta.url);

await writeFile(file('docs/configuration.md'), configurationPage(config));

const results = (await readdir(file('bench/results'))).filter((name) => name.endsWith('.json'));
const reports = await Promise.all(
  results.map(async (name) => JSON.parse(await readFile(file(`bench/results/${name}`), 'utf8')) as BenchReport),
);
const byBench = new Map(reports.map((report) => [report.bench, report]));
for (const page of BENCHMARK_PAGES)
  await writeFile(file(page), fillBenchmarkPage(await readFile(file(page), 'utf8'), byBench));
