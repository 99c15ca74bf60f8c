import type { NodeId, RankedNeighbour } from '../../../kernel/index.ts';

/**
 * A leaf, which holds entries, or a branch, which holds children. Both hold up to `order` of them; a node that is not the root at
 * least `minimumCount(order)`. Scores and ids lie in arrays of their own: scores stay unboxed, and a search reads neighbouring memory.
 */
export type TreeNode = Leaf | Branch;

/** Least entries of a leaf, or children of a branch, below the root. */
export function minimumCount(order: number): number {
  return Math.ceil(order / 2);
}

/** A node that was split: what went to its right, and the least entry that may stand there. */
export interface Split extends RankedNeighbour {
  readonly right: TreeNode;
}

/** Entries in order, and the way to the next leaf. */
export class Leaf {
  readonly scores: number[];
  readonly ids: NodeId[];
  next: Leaf | undefined;

  constructor(scores: number[] = [], ids: NodeId[] = [], next?: Leaf) {
    this.scores = scores;
    this.ids = ids;
    this.next = next;
  }

  get count(): number {
    return this.ids.length;
  }

  has(neighbour: RankedNeighbour): boolean {
    return holdsAt(this, lowerBound(this, neighbour), neighbour);
  }

  insert(neighbour: RankedNeighbour): boolean {
    const at = lowerBound(this, neighbour);
    if (holdsAt(this, at, neighbour)) return false;
    this.scores.splice(at, 0, neighbour.score);
    this.ids.splice(at, 0, neighbour.id);
    return true;
  }

  remove(neighbour: RankedNeighbour): boolean {
    const at = lowerBound(this, neighbour);
    if (!holdsAt(this, at, neighbour)) return false;
    this.scores.splice(at, 1);
    this.ids.splice(at, 1);
    return true;
  }

  /** Moves the upper half to a new leaf on the right. */
  split(): Split {
    const half = this.count >>> 1;
    const right = new Leaf(this.scores.splice(half), this.ids.splice(half), this.next);
    this.next = right;
    return { right, score: right.scores[0] as number, id: right.ids[0] as NodeId };
  }
}

/** Children in order. Separator `i` is above every entry of child `i` and not above any of child `i + 1`. */
export class Branch {
  readonly scores: number[];
  readonly ids: NodeId[];
  readonly children: TreeNode[];

  constructor(scores: number[], ids: NodeId[], children: TreeNode[]) {
    this.scores = scores;
    this.ids = ids;
    this.children = children;
  }

  get count(): number {
    return this.children.length;
  }

  /** Position of the child that holds an entry, or would. */
  childFor(neighbour: RankedNeighbour): number {
    const at = lowerBound(this, neighbour);
    return holdsAt(this, at, neighbour) ? at + 1 : at;
  }

  insert(neighbour: RankedNeighbour, order: number): boolean {
    const at = this.childFor(neighbour);
    const child = this.children[at] as TreeNode;
    if (!child.insert(neighbour, order)) return false;
    if (child.count > order) this.#relieve(at, order);
    return true;
  }

  remove(neighbour: RankedNeighbour, order: number): boolean {
    const at = this.childFor(neighbour);
    const child = this.children[at] as TreeNode;
    if (!child.remove(neighbour, order)) return false;
    if (child.count < minimumCount(order)) this.#refill(at, order);
    return true;
  }

  /** Moves the upper half to a new branch on the right; the separator between the halves goes up. */
  split(): Split {
    const half = this.count >>> 1;
    const right = new Branch(this.scores.splice(half), this.ids.splice(half), this.children.splice(half));
    return { right, score: this.scores.pop() as number, id: this.ids.pop() as NodeId };
  }

  /**
   * Evens a child that has too much out with a sibling, or splits it where both siblings are all but full: nodes are fuller so than if
   * split at once, in ascending order above all, where nothing more would come to the half left behind.
   */
  #relieve(at: number, order: number): void {
    const most = order - Math.max(1, order >>> 3);
    const hasRoom = (position: number) => (this.children[position]?.count ?? order) <= most;
    if (hasRoom(at - 1)) this.#even(at - 1);
    else if (hasRoom(at + 1)) this.#even(at);
    else {
      const { right, score, id } = (this.children[at] as TreeNode).split();
      this.scores.splice(at, 0, score);
      this.ids.splice(at, 0, id);
      this.children.splice(at + 1, 0, right);
    }
  }

  /** Evens a child that has too little out with a sibling that can spare something, or joins it with one that cannot. */
  #refill(at: number, order: number): void {
    const canSpare = (position: number) => (this.children[position]?.count ?? 0) > minimumCount(order);
    if (canSpare(at - 1)) this.#even(at - 1);
    else if (canSpare(at + 1)) this.#even(at);
    else this.#join(at > 0 ? at - 1 : at);
  }

  /** Moves half the difference between child `at` and the one after it from the larger to the smaller. */
  #even(at: number): void {
    const left = this.children[at] as TreeNode;
    const right = this.children[at + 1] as TreeNode;
    const surplus = Math.trunc((left.count - right.count) / 2);
    if (left instanceof Branch) this.#pullDown(at, left);
    moveAcross(left.scores, right.scores, surplus);
    moveAcross(left.ids, right.ids, surplus);
    if (left instanceof Branch) {
      moveAcross(left.children, (right as Branch).children, surplus);
      this.scores[at] = left.scores.pop() as number;
      this.ids[at] = left.ids.pop() as NodeId;
    } else {
      this.scores[at] = right.scores[0] as number;
      this.ids[at] = right.ids[0] as NodeId;
    }
  }

  /** Joins the child after `at` into child `at`. */
  #join(at: number): void {
    const left = this.children[at] as TreeNode;
    const right = this.children[at + 1] as TreeNode;
    if (left instanceof Branch) {
      this.#pullDown(at, left);
      left.children.push(...(right as Branch).children);
    } else {
      left.next = (right as Leaf).next;
    }
    left.scores.push(...right.scores);
    left.ids.push(...right.ids);
    this.scores.splice(at, 1);
    this.ids.splice(at, 1);
    this.children.splice(at + 1, 1);
  }

  /** Puts the separator after child `at` at that child's end, between its own children and those of the next that are to join them. */
  #pullDown(at: number, child: Branch): void {
    child.scores.push(this.scores[at] as number);
    child.ids.push(this.ids[at] as NodeId);
  }
}

/** Moves items between the end of one list and the front of the other: to the right, or to the left where `count` is negative. */
function moveAcross<Item>(left: Item[], right: Item[], count: number): void {
  if (count > 0) right.unshift(...left.splice(-count));
  else left.push(...right.splice(0, -count));
}

/** First position whose entry does not come before the one given; the number of entries where all do. */
function lowerBound({ scores, ids }: TreeNode, { score, id }: RankedNeighbour): number {
  let low = 0;
  let high = scores.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const other = scores[middle] as number;
    if (other < score || (other === score && (ids[middle] as NodeId) < id)) low = middle + 1;
    else high = middle;
  }
  return low;
}

function holdsAt({ scores, ids }: TreeNode, at: number, { score, id }: RankedNeighbour): boolean {
  return at < scores.length && scores[at] === score && ids[at] === id;
}
