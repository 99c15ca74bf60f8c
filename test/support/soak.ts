import { createHash } from 'node:crypto';
import { errorCode, type Random } from '../../src/kernel/index.ts';
import { seededRandom } from '../../src/kit/index.ts';
import { SimulatedNetwork, writeFile, type SimulatedNode } from './simulated-network.ts';

const NODES = 6;
const NAMES = ['a.txt', 'b b.txt', 'dir/c.txt', 'dir/ü^&%.txt', 'dir/deep/d.txt'];
/** Long enough for a death to be noticed, a survivor to be found dead too, and all of it to be told. */
const QUIET_MS = 90_000;

/**
 * Lets a network live through a random history, waits, and throws what is not as it should be, with the story. The same seed gives the
 * same history.
 */
export async function expectHealthyAfter(seed: number, steps: number): Promise<void> {
  const history = new History(seed);
  const note = (reason: unknown) => history.problems.push(`unhandled rejection: ${String(reason)}`);
  process.on('unhandledRejection', note);
  try {
    await history.live(steps);
    await history.inspect();
  } finally {
    await history.close();
    process.off('unhandledRejection', note);
  }
  const { problems, story } = history;
  if (problems.length > 0) throw new Error([...problems, '', ...story].join('\n'));
}

class History {
  readonly problems: string[] = [];
  readonly story: string[] = [];
  readonly #network: SimulatedNetwork;
  readonly #random: Random;
  readonly #running: SimulatedNode[] = [];
  readonly #dead: SimulatedNode[] = [];
  readonly #ever: SimulatedNode[] = [];
  readonly #cuts: [string, string][] = [];
  readonly #contents = new Set<string>();
  readonly #underWay: Promise<void>[] = [];
  #hosts = 0;
  #writes = 0;

  constructor(seed: number) {
    this.#network = new SimulatedNetwork(seed);
    this.#random = seededRandom(seed);
  }

  async live(steps: number): Promise<void> {
    for (let node = 0; node < NODES; node++) {
      const before = this.#running.at(-1);
      const started = await this.#start({ user: `user${node % 4}` });
      if (before !== undefined) await this.#do('ADD', started, () => started.node.add(before.address));
    }
    for (let step = 0; step < steps; step++) {
      await this.#step();
      await this.#network.clock.advance(this.#random.fraction() < 0.7 ? 300 : 6_000);
    }
    await this.#network.while(() => Promise.all(this.#underWay));
    for (const [a, b] of this.#cuts) this.#network.network.mend(a, b);
    await this.#network.clock.advance(QUIET_MS);
  }

  async inspect(): Promise<void> {
    for (const component of this.#components()) {
      const [first] = component as [SimulatedNode];
      const expected = lines(first);
      for (const each of component) {
        this.#expectEqual(`LIST of ${each.host} and ${first.host}`, lines(each), expected);
        const known = each.node.peers().map(({ id }) => id);
        if (new Set(known).size !== known.length) this.problems.push(`${each.host} shows a node twice`);
        const others = component.filter((other) => other !== each).map(({ node }) => node.id);
        this.#expectEqual(`nodes known to ${each.host}`, known.sort(), others.sort());
      }
      await this.#fetchAll(first);
    }
    for (const { host, log } of this.#ever) {
      for (const { level, event, fields } of log.events) {
        if (level === 'error') this.problems.push(`${host} logged ${event} ${JSON.stringify(fields)}`);
      }
    }
  }

  async close(): Promise<void> {
    await this.#network.close();
    const { pendingTimers } = this.#network.clock;
    if (pendingTimers > 0) this.problems.push(`${pendingTimers} timers are left when all nodes are closed`);
  }

  async #step(): Promise<void> {
    const node = this.#pick(this.#running);
    if (node === undefined) return this.#restart();
    const dice = this.#random.fraction();
    if (dice < 0.1) await this.#add(node);
    else if (dice < 0.4) await this.#write(node);
    else if (dice < 0.5) await this.#remove(node);
    else if (dice < 0.65) await this.#get(node);
    else if (dice < 0.72) await this.#send(node);
    else if (dice < 0.8) await this.#kill(node);
    else if (dice < 0.9) await this.#restart();
    else if (dice < 0.92) await this.#bye(node);
    else if (dice < 0.97) this.#cut();
    else this.#mend();
  }

  async #start(options: { readonly worldOf?: SimulatedNode; readonly user?: string } = {}): Promise<SimulatedNode> {
    const started = await this.#network.start(++this.#hosts, options);
    this.#running.push(started);
    this.#ever.push(started);
    this.#tell(`${started.host} starts as ${started.node.id.slice(0, 8)}`);
    return started;
  }

  async #add(node: SimulatedNode): Promise<void> {
    const other = this.#pick(this.#ever);
    if (other !== undefined) await this.#do(`ADD ${other.host}`, node, () => node.node.add(other.address));
  }

  async #write(node: SimulatedNode): Promise<void> {
    const name = this.#pick(NAMES) ?? '';
    const content = `${node.host} wrote ${name}, write ${++this.#writes}`;
    this.#contents.add(createHash('sha256').update(content).digest('hex'));
    this.#tell(`${node.host} writes ${name}`);
    await writeFile(node.disk, name, content);
  }

  async #remove(node: SimulatedNode): Promise<void> {
    const own = node.node.list().filter(({ holders }) => holders.includes(node.node.id));
    const name = this.#pick(own)?.name;
    if (name === undefined || (await node.disk.stat(name)) === undefined) return;
    this.#tell(`${node.host} removes ${name}`);
    await node.disk.remove(name);
  }

  async #get(node: SimulatedNode): Promise<void> {
    const file = this.#pick(node.node.list());
    if (file !== undefined) await this.#do(`GET ${file.name}`, node, () => node.node.get(file.name));
  }

  async #send(node: SimulatedNode): Promise<void> {
    const file = this.#pick(node.node.list());
    if (file !== undefined) await this.#do(`SEND ${file.name}`, node, () => node.node.send(file.name));
  }

  /** The process dies: nothing of what it still does reaches anybody. */
  async #kill(node: SimulatedNode): Promise<void> {
    this.#tell(`${node.host} is killed`);
    this.#network.kill(node);
    await this.#end(node);
  }

  async #bye(node: SimulatedNode): Promise<void> {
    this.#tell(`${node.host} says BYE`);
    await this.#end(node);
  }

  async #end(node: SimulatedNode): Promise<void> {
    this.#running.splice(this.#running.indexOf(node), 1);
    this.#dead.push(node);
    await this.#network.while(() => node.node.close());
  }

  async #restart(): Promise<void> {
    const dead = this.#pick(this.#dead);
    if (dead === undefined) return;
    this.#dead.splice(this.#dead.indexOf(dead), 1);
    const started = await this.#start({ worldOf: dead, user: dead.node.user });
    const other = this.#pick(this.#running.filter((node) => node !== started));
    if (other !== undefined) await this.#do(`ADD ${other.host}`, started, () => started.node.add(other.address));
  }

  #cut(): void {
    const [a, b] = [this.#pick(this.#running)?.host, this.#pick(this.#running)?.host];
    if (a === undefined || b === undefined || a === b) return;
    this.#tell(`${a} and ${b} are cut from each other`);
    this.#network.network.cut(a, b);
    this.#cuts.push([a, b]);
  }

  #mend(): void {
    const cut = this.#cuts.pop();
    if (cut !== undefined) this.#network.network.mend(...cut);
  }

  /** Carries out a command, or only begins it, so that others overtake it. */
  async #do(what: string, { host }: SimulatedNode, command: () => Promise<unknown>): Promise<void> {
    const running = command().then(
      () => this.#tell(`${host}: ${what}`),
      (error: unknown) => {
        const code = errorCode(error);
        this.#tell(`${host}: ${what}: ${code}`);
        if (code === undefined || code === 'ERR_INTERNAL') this.problems.push(`${host}: ${what}: ${String(error)}`);
      },
    );
    if (this.#random.fraction() < 0.5) await this.#network.while(() => running);
    else this.#underWay.push(running);
  }

  /** A newcomer gets every file there is, and each is one that somebody wrote. */
  async #fetchAll(member: SimulatedNode): Promise<void> {
    const newcomer = await this.#start();
    this.#running.pop();
    await this.#network.while(() => newcomer.node.add(member.address));
    await this.#network.clock.advance(1_000);
    this.#expectEqual(`LIST of a newcomer and ${member.host}`, lines(newcomer), lines(member));
    for (const { name, user, checksum } of newcomer.node.list()) {
      try {
        const fetched = await this.#network.while(() => newcomer.node.get(`${name}@${user}`));
        const file = await newcomer.disk.open(name, 'read');
        const bytes = await file.read(0, fetched.size);
        await file.close();
        const actual = createHash('sha256').update(bytes).digest('hex');
        if (actual !== fetched.checksum || !this.#contents.has(actual))
          this.problems.push(`${name} has a wrong content`);
      } catch (error) {
        this.problems.push(`${name} of ${user} (${checksum.slice(0, 8)}) cannot be fetched: ${String(error)}`);
      }
    }
    await this.#network.while(() => newcomer.node.close());
    await this.#network.clock.advance(1_000);
  }

  /** The running nodes, in groups that are joined by direct connections. */
  #components(): SimulatedNode[][] {
    const left = new Map(this.#running.map((node) => [node.node.id, node]));
    const components: SimulatedNode[][] = [];
    for (const [id, node] of left) {
      left.delete(id);
      const component = [node];
      for (const { node: member } of component) {
        for (const peer of member.peers()) {
          const other = left.get(peer.id);
          if (!peer.direct || other === undefined) continue;
          left.delete(peer.id);
          component.push(other);
        }
      }
      components.push(component);
    }
    return components;
  }

  #expectEqual(what: string, actual: readonly string[], expected: readonly string[]): void {
    const missing = expected.filter((line) => !actual.includes(line));
    const surplus = actual.filter((line) => !expected.includes(line));
    if (missing.length + surplus.length === 0) return;
    this.problems.push(`${what} differ: missing ${JSON.stringify(missing)}, surplus ${JSON.stringify(surplus)}`);
  }

  #pick<T>(items: readonly T[]): T | undefined {
    return items[Math.floor(this.#random.fraction() * items.length)];
  }

  #tell(line: string): void {
    this.story.push(`${(this.#network.clock.now() / 1_000).toFixed(1)} s: ${line}`);
  }
}

/** What LIST shows, in lines that compare. */
function lines({ node }: SimulatedNode): string[] {
  return node.list().map(({ name, user, checksum, holders, current, conflict }) => {
    const at = [...holders].sort().map((id) => id.slice(0, 8));
    return `${name} ${user} ${checksum.slice(0, 8)} at ${at.join(',')}${current ? ' current' : ''}${conflict ? ' conflict' : ''}`;
  });
}
