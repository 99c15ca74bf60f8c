#!/usr/bin/env node
import { readFile } from 'node:fs/promises';
import shippedConfig from '../../plugins.config.ts';
import { systemClock, systemRandom } from '../kit/index.ts';
import { PACKAGE_FILE } from './installation.ts';
import { StreamOutput } from './output.ts';
import { run } from './run.ts';

/** Signals that ask a program to end; the last when its terminal goes away. */
const INTERRUPTS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

const stdout = new StreamOutput(process.stdout);
const stderr = new StreamOutput(process.stderr);
const { version } = JSON.parse(await readFile(PACKAGE_FILE, 'utf8')) as { version: string };

const code = await run(process.argv.slice(2), {
  version,
  shippedConfig: { config: shippedConfig, source: 'the shipped config' },
  clock: systemClock(),
  random: systemRandom(),
  environment: process.env,
  stdin: process.stdin,
  stdout,
  stderr,
  onInterrupt(listener) {
    for (const signal of INTERRUPTS) process.on(signal, listener);
    return () => INTERRUPTS.forEach((signal) => process.off(signal, listener));
  },
  exit: (exitCode) => process.exit(exitCode),
});
await Promise.all([stdout.flush(), stderr.flush()]);
process.exit(code);
