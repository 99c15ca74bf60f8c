import { z } from 'zod';
import type { LinkEnd } from './emulated-link.ts';
import { runTool } from './run-tool.ts';

const routes = z.array(z.object({ dev: z.string().min(1), gateway: z.string().optional() })).min(1);

/**
 * Has TCP use a congestion control in a namespace from now on for what it sends to an address. It is chosen by route, since Node.js has no
 * option of a socket for it; connections that are there keep theirs. Rejects where the system has no such control.
 */
export async function chooseCongestion(
  { namespace }: LinkEnd,
  { peer, congestion }: { readonly peer: string; readonly congestion: string },
  signal: AbortSignal,
): Promise<void> {
  if (namespace === '') throw new Error('the congestion control of TCP is chosen only within a namespace');
  const ip = (...words: string[]) => runTool(['ip', '-n', namespace, ...words], signal);
  const [route] = routes.parse(JSON.parse(await ip('-j', 'route', 'get', peer)));
  const via = route?.gateway === undefined ? [] : ['via', route.gateway];
  await ip('route', 'replace', `${peer}/32`, ...via, 'dev', route?.dev ?? '', 'congctl', congestion);
}

/** Rejects where a connection from a namespace to a port is not under a congestion control: what was asked for and what is may differ. */
export async function confirmCongestion(
  { namespace }: LinkEnd,
  { port, congestion }: { readonly port: number; readonly congestion: string },
  signal: AbortSignal,
): Promise<void> {
  const filter = ['state', 'established', 'dport', '=', `:${port}`];
  const shown = await runTool(['ip', 'netns', 'exec', namespace, 'ss', '-tinH', ...filter], signal);
  if (!shown.split(/\s+/).includes(congestion)) {
    throw new Error(`the system does not use ${congestion} for TCP here: ${shown.trim().slice(0, 200)}`);
  }
}
