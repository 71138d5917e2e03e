import dagre from '@dagrejs/dagre';
import { type GraphStep, linesOf } from './edges';

export interface Placed {
  id: string;
  x: number;
  y: number;
}

/** Around the steps of a nested suite. */
export interface Frame extends Placed {
  /** The alias by which its parent calls it. */
  alias: string;
  width: number;
  height: number;
}

export interface Layout {
  steps: Placed[];
  /** Outer ones before those within them. */
  frames: Frame[];
}

export const nodeWidth = 160;
export const nodeHeight = 44;
/** Room for the alias, above the steps of a frame. */
const titleHeight = 14;

/** Left to right; upper left corners. Hundreds of milliseconds for 200 steps: large graphs go to the worker. */
export function layOut(steps: GraphStep[]): Layout {
  const scopes = scopesOf(steps);
  const graph = new dagre.graphlib.Graph({ compound: true });
  graph.setGraph({ rankdir: 'LR', nodesep: 14, ranksep: 36, marginx: 16, marginy: 16 });
  graph.setDefaultEdgeLabel(() => ({}));
  for (const scope of scopes) graph.setNode(scope, {});
  for (const { id } of steps) graph.setNode(id, { width: nodeWidth, height: nodeHeight });
  for (const id of [...scopes, ...steps.map((step) => step.id)]) {
    const scope = scopeOf(id);
    if (scope) graph.setParent(id, scope);
  }
  for (const { from, to, isImplied } of linesOf(steps)) if (!isImplied) graph.setEdge(from, to);
  dagre.layout(graph);
  return {
    steps: steps.map(({ id }) => {
      const { x, y } = graph.node(id);
      return { id, x: x - nodeWidth / 2, y: y - nodeHeight / 2 };
    }),
    frames: scopes.map((id) => {
      const { x, y, width, height } = graph.node(id);
      return {
        id,
        alias: id.slice(id.lastIndexOf('/') + 1),
        x: x - width / 2,
        y: y - height / 2 - titleHeight,
        width,
        height: height + titleHeight,
      };
    }),
  };
}

/** The nested suites, outer ones first: `a` and `a/b` of a step `a/b/c`. */
function scopesOf(steps: readonly GraphStep[]): string[] {
  const scopes = new Set<string>();
  for (const { id } of steps) {
    const labels = id.split('/').slice(0, -1);
    for (let depth = 1; depth <= labels.length; depth += 1) scopes.add(labels.slice(0, depth).join('/'));
  }
  return [...scopes];
}

function scopeOf(id: string): string | null {
  const end = id.lastIndexOf('/');
  return end < 0 ? null : id.slice(0, end);
}
