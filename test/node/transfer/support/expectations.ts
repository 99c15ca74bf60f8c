import type { KernelError } from '../../../../src/kernel/index.ts';
import { sha256 } from './memory-files.ts';
import type { TestNetwork, TestNode } from './test-network.ts';

/** Nothing partial, nothing open, nothing running, and nothing was written to a file that was given up. */
export async function expectNoTrace(network: TestNetwork, ...nodes: TestNode[]): Promise<void> {
  await network.settle();
  for (const { files, transfers } of nodes) {
    const { partial, opened, lateWrites } = files;
    const { active } = transfers;
    expect({ partial, opened, lateWrites, active }).toEqual({ partial: 0, opened: 0, lateWrites: 0, active: 0 });
  }
}

/** By checksum: comparing arrays element by element takes the test runner seconds. */
export function expectContent({ files }: TestNode, name: string, bytes: Uint8Array): void {
  expect(sha256(files.contents.get(name) ?? new Uint8Array())).toBe(sha256(bytes));
  expect(files.holds(name, sha256(bytes))).toBe(true);
}

export async function expectCode(promise: Promise<unknown>, code: string): Promise<KernelError> {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason as KernelError,
  );
  expect(error?.code).toBe(code);
  return error as KernelError;
}
