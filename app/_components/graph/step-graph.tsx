'use client';

import { Background, Controls, type Edge, type Node, ReactFlow, type ReactFlowInstance } from '@xyflow/react';
import '@xyflow/react/dist/base.css';
import { useEffect, useMemo, useRef } from 'react';
import { isUnsuccessful } from '@/lib/model/status';
import { Skeleton } from '../notice';
import { linesOf } from './edges';
import { firstView, viewWith } from './first-view';
import { FrameNode, type FrameNodeData } from './frame-node';
import { type Frame, nodeHeight, nodeWidth } from './layout';
import { type GraphStepView, StepNode, type StepNodeData } from './step-node';
import { useLayout } from './use-layout';

interface StepGraphProps {
  steps: GraphStepView[];
  selected?: string | null;
  onSelect?: (id: string) => void;
}

const nodeTypes = { step: StepNode, frame: FrameNode };

/** The topology, left to right; the path that runs is accented. */
export function StepGraph({ steps, selected = null, onSelect }: StepGraphProps) {
  const layout = useLayout(steps);
  const places = useMemo(() => new Map(layout?.steps.map((each) => [each.id, each])), [layout]);
  const frames = useMemo(() => layout?.frames.map(frameNode) ?? [], [layout]);
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
          ariaLabel: `${step.name}, ${step.kind}, ${step.status.replace('_', ' ')}${step.waits ? `. ${step.waits.sentence}` : ''}`,
        }),
      ),
    [steps, places, selected],
  );
  const edges = useMemo(() => edgesOf(steps, selected), [steps, selected]);
  const frame = useRef<HTMLDivElement>(null);
  const flow = useRef<Pick<ReactFlowInstance, 'getViewport' | 'setViewport'> | null>(null);
  // It may have been selected elsewhere, or what tells about it has taken its place.
  useEffect(() => {
    const place = selected === null ? null : places.get(selected);
    const box = frame.current?.getBoundingClientRect();
    if (!place || !box || !flow.current) return;
    const moved = viewWith(flow.current.getViewport(), box, place);
    if (moved) void flow.current.setViewport(moved, { duration: movesSlowly() ? 150 : 0 });
  }, [selected, places]);
  if (!layout) return <Skeleton rows={6} />;
  return (
    <ReactFlow
      ref={frame}
      key={steps.length}
      nodes={[...frames, ...nodes]}
      edges={edges}
      nodeTypes={nodeTypes}
      nodesDraggable={false}
      nodesConnectable={false}
      edgesFocusable={false}
      elementsSelectable
      onInit={(view) => {
        flow.current = view;
        const box = frame.current?.getBoundingClientRect();
        if (box) void view.setViewport(firstView(layout, box, selected ?? ofInterest(steps)));
      }}
      fitViewOptions={{ maxZoom: 1, padding: 0.08 }}
      minZoom={0.05}
      maxZoom={1.5}
      onlyRenderVisibleElements={steps.length > 200}
      onNodeClick={(_, node) => node.type === 'step' && onSelect?.(node.id)}
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

function movesSlowly(): boolean {
  return !matchMedia('(prefers-reduced-motion: reduce)').matches;
}

/** Behind the steps, and nothing to click. */
function frameNode({ id, alias, x, y, width, height }: Frame): Node<FrameNodeData> {
  return {
    id: `frame ${id}`,
    type: 'frame',
    position: { x, y },
    data: { alias },
    width,
    height,
    zIndex: -1,
    selectable: false,
    focusable: false,
    ariaLabel: `nested suite ${id}`,
  };
}

/** What one would look for first: the failure, else what runs. */
function ofInterest(steps: GraphStepView[]): string | null {
  const step =
    steps.find(({ status }) => isUnsuccessful(status)) ??
    steps.find(({ status }) => status === 'running' || status === 'starting');
  return step?.id ?? null;
}

/** Lines that follow from others show only at the selected step. */
function edgesOf(steps: GraphStepView[], selected: string | null): Edge[] {
  const running = new Set(
    steps.filter(({ status }) => status === 'running' || status === 'starting').map(({ id }) => id),
  );
  return linesOf(steps)
    .filter(({ from, to, isImplied }) => !isImplied || from === selected || to === selected)
    .map(({ from, to, isOnFailure }) => {
      const isAccented = running.has(to) || from === selected || to === selected;
      return {
        id: `${from} ${to}`,
        source: from,
        target: to,
        style: {
          stroke: isAccented ? 'var(--accent)' : 'var(--line-strong)',
          strokeWidth: isAccented ? 1.5 : 1,
          ...(isOnFailure ? { strokeDasharray: '4 3' } : {}),
        },
      };
    });
}
