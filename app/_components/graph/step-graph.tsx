'use client';

import { Background, Controls, type Edge, type Node, ReactFlow } from '@xyflow/react';
import '@xyflow/react/dist/base.css';
import { useMemo } from 'react';
import { Skeleton } from '../notice';
import { nodeHeight, nodeWidth } from './layout';
import { type GraphStepView, StepNode, type StepNodeData } from './step-node';
import { useLayout } from './use-layout';

interface StepGraphProps {
  steps: GraphStepView[];
  selected?: string | null;
  onSelect?: (id: string) => void;
}

const nodeTypes = { step: StepNode };

/** The topology, left to right; the path that runs is accented. */
export function StepGraph({ steps, selected = null, onSelect }: StepGraphProps) {
  const placed = useLayout(steps);
  const places = useMemo(() => new Map(placed?.map((each) => [each.id, each])), [placed]);
  const nodes = useMemo(
    () =>
      steps.map(
        (step): Node<StepNodeData> => ({
          id: step.id,
          type: 'step',
          position: places.get(step.id) ?? { x: 0, y: 0 },
          data: { ...step, isSelected: step.id === selected },
          width: nodeWidth,
          height: nodeHeight,
          ariaLabel: `${step.name}, ${step.kind}, ${step.status.replace('_', ' ')}`,
        }),
      ),
    [steps, places, selected],
  );
  const edges = useMemo(() => edgesOf(steps), [steps]);
  if (!placed) return <Skeleton rows={6} />;
  return (
    <ReactFlow
      key={steps.length}
      nodes={nodes}
      edges={edges}
      nodeTypes={nodeTypes}
      nodesDraggable={false}
      nodesConnectable={false}
      edgesFocusable={false}
      elementsSelectable
      fitView
      fitViewOptions={{ maxZoom: 1, padding: 0.08 }}
      minZoom={0.05}
      maxZoom={1.5}
      onlyRenderVisibleElements={steps.length > 200}
      onNodeClick={(_, node) => onSelect?.(node.id)}
      proOptions={{ hideAttribution: true }}
      className="bg-surface"
    >
      <Background color="var(--line)" gap={16} size={1} />
      <Controls
        showInteractive={false}
        className="[&_button]:!border-line [&_button]:!bg-raised [&_button]:!fill-ink-2 overflow-hidden rounded-md border border-line"
      />
    </ReactFlow>
  );
}

function edgesOf(steps: GraphStepView[]): Edge[] {
  const byId = new Map(steps.map((step) => [step.id, step]));
  return steps.flatMap((step) => [
    ...step.after.map((from) => edge(byId.get(from), step, false)),
    ...step.onFailure.map((from) => edge(byId.get(from), step, true)),
  ]);
}

function edge(from: GraphStepView | undefined, to: GraphStepView, isOnFailure: boolean): Edge {
  const isRunning = to.status === 'running' || to.status === 'starting';
  return {
    id: `${from?.id} ${to.id}`,
    source: from?.id ?? '',
    target: to.id,
    style: {
      stroke: isRunning ? 'var(--accent)' : 'var(--line-strong)',
      strokeWidth: isRunning ? 1.5 : 1,
      ...(isOnFailure ? { strokeDasharray: '4 3' } : {}),
    },
  };
}
