import { type Layout, nodeHeight, nodeWidth } from './layout';

/** Below this, names cannot be read: the graph is then larger than its frame and moves under it. */
const minZoom = 0.78;
const margin = 12;

export interface View {
  x: number;
  y: number;
  zoom: number;
}

/** Where a graph is looked at first: all of it if that can be read, else its beginning, or the step of interest. */
export function firstView(
  { steps, frames }: Layout,
  frame: { width: number; height: number },
  interest: string | null,
): View {
  const boxes = [...steps.map((step) => ({ ...step, width: nodeWidth, height: nodeHeight })), ...frames];
  const right = boxes.reduce((most, { x, width }) => Math.max(most, x + width), 0);
  const bottom = boxes.reduce((most, { y, height }) => Math.max(most, y + height), 0);
  const left = boxes.reduce((least, { x }) => Math.min(least, x), right);
  const top = boxes.reduce((least, { y }) => Math.min(least, y), bottom);
  const fitting = Math.min(
    (frame.width - 2 * margin) / (right - left),
    (frame.height - 2 * margin) / (bottom - top),
  );
  const zoom = Math.min(1, Math.max(minZoom, fitting));
  const focus = steps.find(({ id }) => id === interest);
  const along = (length: number, low: number, high: number, middle: number | undefined): number => {
    const size = (high - low) * zoom;
    if (size <= length - 2 * margin) return (length - size) / 2 - low * zoom;
    const wanted = middle === undefined ? margin - low * zoom : length / 2 - middle * zoom;
    return Math.max(length - margin - high * zoom, Math.min(margin - low * zoom, wanted));
  };
  return {
    x: along(frame.width, left, right, focus && focus.x + nodeWidth / 2),
    y: along(frame.height, top, bottom, focus && focus.y + nodeHeight / 2),
    zoom,
  };
}

/** The view moved by as little as brings a step into the frame; null when it is there already. */
export function viewWith(
  view: View,
  frame: { width: number; height: number },
  step: { x: number; y: number },
): View | null {
  const along = (offset: number, place: number, size: number, length: number): number => {
    const start = place * view.zoom + offset;
    const end = start + size * view.zoom;
    if (start < margin) return offset + margin - start;
    return end > length - margin ? offset + length - margin - end : offset;
  };
  const x = along(view.x, step.x, nodeWidth, frame.width);
  const y = along(view.y, step.y, nodeHeight, frame.height);
  return x === view.x && y === view.y ? null : { ...view, x, y };
}
