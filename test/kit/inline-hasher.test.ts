import { inlineHasher } from '../../src/kit/inline-hasher.ts';
import { hasherContract } from './hasher-contract.ts';

describe('inlineHasher', () => {
  for (const { name, run } of hasherContract) {
    test(name, async () => {
      await using hasher = inlineHasher();
      await run(hasher);
    });
  }
});
