import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { runScenario } from '../../src/sim/index.ts';
import { ROOT } from '../support/source-files.ts';
import { simulated } from './support/simulated.ts';

const LINKS = 'links: [{ delayMs: 10, jitterMs: 5, loss: 0.01 }]';
const ALWAYS = 'always: [no errors, none invented, no false LEFT]';
const problems = async (text: string, seed: number) => (await runScenario(simulated(text, seed))).problems;

describe.each([1, 2])('with seed %i', (seed) => {
  test('a node is gone though the only one that knew it died, and forgot it, within seconds', async () => {
    const text = `
      { nodes: 6, topology: line, seconds: 20, settleSeconds: 40, ${LINKS}, expect: { ${ALWAYS} }, events: [
        { at: 10, crash: n6 }, { at: 11, crash: n5 }, { at: 13, restart: n5 }] }`;
    expect(await problems(text, seed)).toEqual([]);
  });

  test('a node that starts again finds the others though its neighbours are gone', async () => {
    const text = `
      { nodes: 6, topology: line, seconds: 60, settleSeconds: 30, ${LINKS}, expect: { ${ALWAYS} }, events: [
        { at: 10, crash: n6 }, { at: 20, crash: n5 }, { at: 22, crash: n4 }, { at: 55, restart: n6 }] }`;
    expect(await problems(text, seed)).toEqual([]);
  });

  test('two halves are one network again, what changed on either side is known, and what was deleted stays so', async () => {
    const text = `
      nodes: 6
      topology: line
      groups: { west: [n1, n2, n3] }
      seconds: 75
      settleSeconds: 45
      ${LINKS}
      expect: { ${ALWAYS} }
      events:
        - { at: 2, write: old.txt, on: n2 }
        - { at: 2, write: kept.txt, on: n5 }
        - { at: 5, get: old.txt, on: n6 }
        - { at: 10, partition: [west], seconds: 60 }
        - { at: 30, delete: old.txt, on: n2 }
        - { at: 31, write: west.txt, on: n3 }
        - { at: 32, write: kept.txt, on: n5 }
        - { at: 33, write: east.txt, on: n6 }
        - { at: 40, delete: old.txt, on: n6 }`;
    expect(await problems(text, seed)).toEqual([]);
  });

  test('nobody is declared gone whose connection is cut while others reach it', async () => {
    const text = `
      { nodes: 6, topology: ring, seconds: 60, settleSeconds: 10, ${LINKS}, expect: { ${ALWAYS} }, events: [
        { at: 20, cut: [n1, n2], seconds: 25 }] }`;
    expect(await problems(text, seed)).toEqual([]);
  });

  test('a node that gets little processor time accuses nobody, and nobody accuses it', async () => {
    const text = `
      { nodes: 5, topology: ring, seconds: 90, settleSeconds: 10, links: [{ delayMs: 20, loss: 0.1 }], expect: { ${ALWAYS} },
        events: [{ at: 5, starve: n2, seconds: 80 }] }`;
    expect(await problems(text, seed)).toEqual([]);
  });

  test('three of ten nodes that die at the same instant leave the others one network after 12 s', async () => {
    const text = `
      { nodes: 10, topology: random, seconds: 42, settleSeconds: 0, ${LINKS}, expect: { end: [connected, views equal], ${ALWAYS} },
        events: [{ at: 30, crashes: 0.3 }] }`;
    expect(await problems(text, seed)).toEqual([]);
  });

  test('a death is known everywhere within 10 s, though three packets of ten are lost and a node is starved', async () => {
    const text = `
      { nodes: 8, topology: random, seconds: 60, settleSeconds: 0, links: [{ delayMs: 20, jitterMs: 10, loss: 0.3 }],
        expect: { end: [connected], always: [no errors, none invented, no false LEFT, deaths known] },
        events: [{ at: 5, starve: n2, seconds: 55 }, { at: 40, crash: n5 }] }`;
    expect(await problems(text, seed)).toEqual([]);
  });

  test('a node that stood still for long accuses nobody when it goes on', async () => {
    const text = `
      { nodes: 4, topology: full, seconds: 60, settleSeconds: 20, ${LINKS}, expect: { ${ALWAYS} },
        events: [{ at: 10, starve: n2, seconds: 25, stopSeconds: [25, 25] }] }`;
    expect(await problems(text, seed)).toEqual([]);
  });
});

describe.each([
  ['mixed', [6, 26]],
  ['churn', [25, 26]],
  ['partition', [1]],
] as const)('scenarios/%s.yaml', (name, seeds) => {
  const text = readFileSync(join(ROOT, 'scenarios', `${name}.yaml`), 'utf8');
  test.each(seeds)('holds with seed %i', async (seed) => {
    expect(await problems(text, seed)).toEqual([]);
  });
});
