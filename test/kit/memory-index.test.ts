import { memoryIndex } from '../../src/kit/memory-index.ts';
import { indexContract } from './index-contract.ts';

describe('memoryIndex', () => {
  for (const { name, run } of indexContract) test(name, () => run(memoryIndex()));
});
