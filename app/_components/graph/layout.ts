import dagre from '@dagrejs/dagre';
import { type GraphStep, linesOf } from './edges';

export interface Placed {
  id: string;
  x: number;
  y: number;
}

export const nodeWidth = 160;
export const nodeHeight = 44;

/** Left to right; upper left corners. Hundreds of milliseconds for 200 steps: large graphs go to the worker. */
export function layOut(steps: GraphStep[]): Placed[] {
  const graph = new dagre.graphlib.Graph();
  graph.setGraph({ rankdir: 'LR', nodesep: 14, ranksep: 36, marginx: 16, marginy: 16 });
  graph.setDefaultEdgeLabel(() => ({}));
  for (const { id } of steps) graph.setNode(id, { width: nodeWidth, height: nodeHeight });
  for (const { from, to, isImplied } of linesOf(steps)) if (!isImplied) graph.setEdge(from, to);
  dagre.layout(graph);
  return steps.map(({ id }) => {
    const { x, y } = graph.node(id);
    return { id, x: x - nodeWidth / 2, y: y - nodeHeight / 2 };
  });
}
