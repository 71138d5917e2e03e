import { Handle, type Node, type NodeProps, Position } from '@xyflow/react';
import type { StepKind } from '@/lib/model/node';
import type { StepStatus } from '@/lib/model/status';
import { StatusIcon } from '../status-icon';

export interface GraphStepView {
  id: string;
  name: string;
  kind: StepKind;
  status: StepStatus;
  after: string[];
  onFailure: string[];
  /** What stands at the right of its second line. */
  time: string | null;
  /** While it has not started: said in place of its kind, and as a sentence in the tooltip. */
  waits?: { sentence: string; brief: string } | null;
}

export type StepNodeData = GraphStepView & { isSelected: boolean; [key: string]: unknown };

/** Its frame tells the rest. */
function withinFrame({ id, name }: GraphStepView): string {
  return name === id ? id.slice(id.lastIndexOf('/') + 1) : name;
}

/** 160 × 44: glyph, name, kind, time. */
export function StepNode({ data }: NodeProps<Node<StepNodeData>>) {
  const isQuiet = data.status === 'pending' || data.status === 'skipped';
  return (
    <div
      data-step={data.id}
      data-status={data.status}
      className={`flex h-11 w-40 items-center gap-2 rounded-md border bg-raised px-2.5 ${data.isSelected ? 'border-accent outline-1 outline-accent' : 'border-line-strong'} ${data.status === 'skipped' ? 'border-dashed' : ''}`}
    >
      <Handle type="target" position={Position.Left} className="!invisible" isConnectable={false} />
      <StatusIcon state={data.status} size={16} isDecorative />
      <span className="min-w-0 flex-1">
        <span
          className={`block truncate font-[550] leading-4 ${isQuiet ? 'text-ink-2' : ''}`}
          title={data.name}
        >
          {withinFrame(data)}
        </span>
        <span
          className="flex justify-between gap-1 text-ink-2 text-xs leading-4"
          title={data.waits?.sentence.replaceAll('`', '')}
        >
          <span className="truncate">{data.waits?.brief ?? data.kind}</span>
          <span className="shrink-0">{data.time}</span>
        </span>
      </span>
      <Handle type="source" position={Position.Right} className="!invisible" isConnectable={false} />
    </div>
  );
}
