/** What can be asked of a network: when all is quiet again, and all along. */
export const EXPECTATIONS = {
  end: [
    'connected',
    'views equal',
    'files equal',
    'no record lost',
    'none invented',
    'every file whole',
    'limits of direct connections',
  ],
  always: ['no errors', 'none invented', 'no false LEFT', 'deaths known', 'limits of direct connections'],
} as const;

export type EndExpectation = (typeof EXPECTATIONS.end)[number];
export type AlwaysExpectation = (typeof EXPECTATIONS.always)[number];
