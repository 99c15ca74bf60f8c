import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { printScenario, readScenario, timelineOf } from '../../src/sim/index.ts';
import { ROOT } from '../support/source-files.ts';
import { thrownBy } from '../support/thrown-by.ts';

const read = (text: string) => readScenario(text, 'some.yaml');

describe('a scenario', () => {
  test.each(readdirSync(join(ROOT, 'scenarios')))('%s that ships can be read', (file) => {
    expect(readScenario(readFileSync(join(ROOT, 'scenarios', file), 'utf8'), file).nodes).toBeGreaterThan(1);
  });

  test.each([
    ['nodes: many', 'nodes: '],
    ['nodes: 0', 'nodes: '],
    ['node: 3', 'Unrecognized key: "node"'],
    ['events: [{ at: 1, wreck: n1 }]', 'events[0]: expected what happens, one of join, leave'],
    ['events: [{ at: 1, kill: n1, crash: n2 }]', 'found kill and crash'],
    ['events: [{ at: 1, write: f, on: n0 }]', 'events[0].on: expected a node'],
    ['events: [{ at: 1, write: f, on: n1, size: 3 }]', 'events[0]: Unrecognized key: "size"'],
    ['events: [{ at: 1, partition: [east] }]', 'events[0].partition: no group is called "east"; groups: none'],
    ['links: [{ loss: 2 }]', 'links[0].loss: '],
    ['expect: { end: [happy] }', 'expect.end[0]: '],
    ['- 1', 'the scenario: '],
    ['a: [', 'some.yaml: '],
  ])('%j is refused, naming what is wrong', (text, told) => {
    const error = thrownBy(() => read(text));
    expect(error).toMatchObject({ code: 'ERR_USAGE', message: expect.stringContaining(told) as string });
  });

  test('has one timeline for a seed, and another for the next', () => {
    const scenario = read('churn: { write: 60, crash: 6, restart: 6, cut: 6, partition: 6 }');
    expect(timelineOf(scenario, 1)).toEqual(timelineOf(scenario, 1));
    expect(timelineOf(scenario, 1)).not.toEqual(timelineOf(scenario, 2));
  });

  test('printed with a timeline has that timeline without chance', () => {
    const scenario = read('{ groups: { east: [n1] }, churn: { write: 60, join: 6, kill: 6, partition: 6, add: 10 } }');
    const timeline = timelineOf(scenario, 1);
    const printed = read(printScenario(scenario, [['n2', 'n1']], timeline));
    expect(printed.churn).toBeUndefined();
    expect(timelineOf(printed, 2)).toEqual(timeline);
  });
});
