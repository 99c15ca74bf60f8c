import { MemoryLevel } from 'memory-level';
import type { NodeIndex } from '../kernel/index.ts';

/** An index that lives as long as the object: it keeps its content when closed and opened again, as a restart does. */
export function memoryIndex(): NodeIndex {
  return new MemoryLevel<string, string>();
}
