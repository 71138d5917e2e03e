import type { Node, NodeProps } from '@xyflow/react';

export interface FrameNodeData {
  alias: string;
  [key: string]: unknown;
}

/** The quiet frame of a nested suite. */
export function FrameNode({ data }: NodeProps<Node<FrameNodeData>>) {
  return (
    <div className="size-full rounded-md border border-line border-dashed bg-sunken/50">
      <span className="block truncate px-2 pt-0.5 text-ink-2 text-xs">{data.alias}</span>
    </div>
  );
}
