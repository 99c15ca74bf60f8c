/** What a network of nodes has to get over by itself. */
export interface UpkeepCase {
  readonly name: string;
  /** The scenario. */
  readonly text: string;
}

const LINKS = 'links: [{ delayMs: 10, jitterMs: 5, loss: 0.01 }]';
const ALWAYS = 'always: [no errors, none invented, no false LEFT]';

/** Those that take a second of processor time at most. */
export const SHORT_CASES: readonly UpkeepCase[] = [
  {
    name: 'a node is gone though the only one that knew it died, and forgot it, within seconds',
    text: `
      { nodes: 6, topology: line, seconds: 20, settleSeconds: 40, ${LINKS}, expect: { ${ALWAYS} }, events: [
        { at: 10, crash: n6 }, { at: 11, crash: n5 }, { at: 13, restart: n5 }] }`,
  },
  {
    name: 'a node that starts again finds the others though its neighbours are gone',
    text: `
      { nodes: 6, topology: line, seconds: 60, settleSeconds: 30, ${LINKS}, expect: { ${ALWAYS} }, events: [
        { at: 10, crash: n6 }, { at: 20, crash: n5 }, { at: 22, crash: n4 }, { at: 55, restart: n6 }] }`,
  },
  {
    name: 'two halves are one network again, what changed on either side is known, and what was deleted stays so',
    text: `
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
        - { at: 40, delete: old.txt, on: n6 }`,
  },
  {
    name: 'nobody is declared gone whose connection is cut while others reach it',
    text: `
      { nodes: 6, topology: ring, seconds: 60, settleSeconds: 10, ${LINKS}, expect: { ${ALWAYS} }, events: [
        { at: 20, cut: [n1, n2], seconds: 25 }] }`,
  },
];

export const LONG_CASES: readonly UpkeepCase[] = [
  {
    name: 'a node that gets little processor time accuses nobody, and nobody accuses it',
    text: `
      { nodes: 5, topology: ring, seconds: 90, settleSeconds: 10, links: [{ delayMs: 20, loss: 0.1 }], expect: { ${ALWAYS} },
        events: [{ at: 5, starve: n2, seconds: 80 }] }`,
  },
  {
    name: 'three of ten nodes that die at the same instant leave the others one network after 12 s',
    text: `
      { nodes: 10, topology: random, seconds: 42, settleSeconds: 0, ${LINKS}, expect: { end: [connected, views equal], ${ALWAYS} },
        events: [{ at: 30, crashes: 0.3 }] }`,
  },
  {
    name: 'a death is known everywhere within 10 s, though three packets of ten are lost and a node is starved',
    text: `
      { nodes: 8, topology: random, seconds: 60, settleSeconds: 0, links: [{ delayMs: 20, jitterMs: 10, loss: 0.3 }],
        expect: { end: [connected], always: [no errors, none invented, no false LEFT, deaths known] },
        events: [{ at: 5, starve: n2, seconds: 55 }, { at: 40, crash: n5 }] }`,
  },
  {
    name: 'a node that stood still for long accuses nobody when it goes on',
    text: `
      { nodes: 4, topology: full, seconds: 60, settleSeconds: 20, ${LINKS}, expect: { ${ALWAYS} },
        events: [{ at: 10, starve: n2, seconds: 25, stopSeconds: [25, 25] }] }`,
  },
];
