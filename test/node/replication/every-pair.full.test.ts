import { SimulatedNetwork } from '../../support/simulated-network.ts';
import { ZONES, expectCopiesAgainAfter } from './six-nodes.ts';

const ALL = ZONES.map((_, index) => index);
const PAIRS = ALL.flatMap((first) => ALL.filter((other) => other !== first).map((second) => [first, second] as const));

test.each(PAIRS)(
  'of six nodes with a file each number %i dies, and then number %i: two hold each file again within 15 s, and at no time two in one zone',
  async (...victims) => {
    const network = new SimulatedNetwork();
    try {
      await expectCopiesAgainAfter(network, victims);
    } finally {
      await network.end();
    }
  },
);
