import type { ReactNode } from 'react';
import type { ExecutionStatus, StepStatus } from '@/lib/model/status';

export type State = StepStatus | ExecutionStatus;

const words: Record<State, string> = {
  pending: 'pending',
  queued: 'queued',
  starting: 'starting',
  running: 'running',
  ready: 'ready',
  passed: 'passed',
  failed: 'failed',
  errored: 'errored',
  timed_out: 'timed out',
  cancelled: 'cancelled',
  skipped: 'skipped',
};

export const stateColor: Record<State, string> = {
  pending: 'text-neutral',
  queued: 'text-neutral',
  starting: 'text-running',
  running: 'text-running',
  ready: 'text-ready',
  passed: 'text-passed',
  failed: 'text-failed',
  errored: 'text-errored',
  timed_out: 'text-timed-out',
  cancelled: 'text-neutral',
  skipped: 'text-neutral',
};

export function stateWord(state: State): string {
  return words[state];
}

const ring = <circle cx="8" cy="8" r="6.25" />;

/** Each state its own shape, so that colour is never the only sign. */
const shapes: Record<State, ReactNode> = {
  pending: ring,
  queued: (
    <>
      {ring}
      <circle cx="8" cy="8" r="1.75" fill="currentColor" stroke="none" />
    </>
  ),
  starting: <path className="turning" d="M8 1.75a6.25 6.25 0 0 1 6.25 6.25" />,
  running: <path className="turning" d="M8 1.75A6.25 6.25 0 1 1 1.75 8" />,
  ready: (
    <>
      {ring}
      <circle cx="8" cy="8" r="3.25" fill="currentColor" stroke="none" />
    </>
  ),
  passed: (
    <>
      {ring}
      <path d="m5.2 8.2 2 2 3.6-4.2" />
    </>
  ),
  failed: (
    <>
      {ring}
      <path d="m5.75 5.75 4.5 4.5m0-4.5-4.5 4.5" />
    </>
  ),
  errored: <path d="M8 1.9 14.6 13.6H1.4ZM8 6.2v3.4m0 1.9v.1" />,
  timed_out: (
    <>
      {ring}
      <path d="M8 4.5V8l2.3 1.8" />
    </>
  ),
  cancelled: (
    <>
      {ring}
      <path d="m3.7 12.3 8.6-8.6" />
    </>
  ),
  skipped: <circle cx="8" cy="8" r="6.25" strokeDasharray="2.6 2.3" />,
};

interface StatusIconProps {
  state: State;
  /** 12 in a log gutter to 20 in a header. */
  size?: number;
  /** The words stand beside it already. */
  isDecorative?: boolean;
}

export function StatusIcon({ state, size = 16, isDecorative = false }: StatusIconProps) {
  const named = isDecorative ? { 'aria-hidden': true } : { role: 'img', 'aria-label': words[state] };
  return (
    <svg
      {...named}
      width={size}
      height={size}
      viewBox="0 0 16 16"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.6"
      strokeLinecap="round"
      strokeLinejoin="round"
      className={`shrink-0 ${stateColor[state]}`}
      data-state={state}
    >
      <title>{words[state]}</title>
      {shapes[state]}
    </svg>
  );
}
