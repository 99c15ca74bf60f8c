import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runProgram } from './support/run-program.ts';

test('peerhold conform is over within two minutes with a plugin that never returns', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'peerhold-conform-test-'));
  try {
    const path = join(folder, 'endless.ts');
    await writeFile(
      path,
      `import { definePlugin, z } from 'peerhold';
       const endless = () => { for (;;); };
       export const mine = definePlugin({
         name: 'mine', kind: 'pieceStrategy', about: 'For a test.', options: z.strictObject({}),
         create: () => ({ pieceLength: endless, select: endless }),
       });`,
    );
    const started = performance.now();
    const { code, stdout } = await runProgram(['conform', path]);
    expect(performance.now() - started).toBeLessThan(120_000);
    expect(code).toBe(1);
    expect(stdout).toContain('          it did not end within 25.0 s\n');
    expect(stdout).toMatch(/pieceStrategy mine: 11 of 11 cases failed/);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}, 150_000);
