'use client';

import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { apiFetch } from '@/app/_components/api';
import { Empty, ErrorNotice, Skeleton } from '@/app/_components/notice';
import { formatBytes } from '@/app/_components/quantities';
import { ScrollArea } from '@/app/_components/scroll-area';
import { stateWord } from '@/app/_components/status-icon';
import { formatDuration } from '@/app/_components/time';
import { describeBuild } from '@/lib/model/describe-build';
import type { Execution, Step } from '@/lib/model/execution';
import type { ImageFacts } from '@/lib/model/image-facts';
import type { StepSpec } from '@/lib/model/step-spec';
import { Outputs, Templates } from './step-values';

interface Answer {
  step: Step;
  specs: StepSpec[];
}

/** What was dispatched for a step: image, command, env, limits, probes; and its attempts side by side. */
export function WhatRan({
  execution,
  step,
  attempt,
}: {
  execution: Execution;
  step: Step | null;
  attempt: number | null;
}) {
  const read = useQuery({
    queryKey: ['step', execution.id, step?.id, step?.attempts.length],
    queryFn: () => apiFetch<Answer>(`/api/v1/executions/${execution.id}/steps/${step?.id}`),
    enabled: step !== null,
  });
  if (!step)
    return (
      <Empty title="Choose a step">
        <p>Its image, command, variables and limits are shown here.</p>
      </Empty>
    );
  if (read.error) return <ErrorNotice title="The step could not be read.">{read.error.message}</ErrorNotice>;
  if (!read.data) return <Skeleton rows={8} />;
  const spec = read.data.specs.find((each) => each.attempt === attempt) ?? read.data.specs.at(-1);
  return (
    <ScrollArea label="What ran" className="px-4 py-3">
      {spec ? <Facts spec={spec} step={step} /> : <p>It was never dispatched: {unstarted(step)}.</p>}
      <Attempts step={step} />
      <Outputs step={step} />
      {spec ? <Templates node={spec.node} /> : null}
      {spec ? <Env spec={spec} /> : null}
    </ScrollArea>
  );
}

function unstarted(step: Step): string {
  return step.result?.reason ?? `it is ${stateWord(step.status)}`;
}

function Facts({ spec, step }: { spec: StepSpec; step: Step }) {
  const { node } = spec;
  const { container, resources } = node;
  const ran = step.attempts.find(({ number }) => number === spec.attempt)?.result?.image;
  const limits = [
    resources.memoryBytes === null ? null : `memory ${formatBytes(resources.memoryBytes)}`,
    resources.diskBytes === undefined ? null : `disk ${formatBytes(resources.diskBytes)}`,
    resources.cpu === null ? null : `cpu ${resources.cpu}`,
    resources.pids === null ? null : `${resources.pids} processes`,
  ].filter((each) => each !== null);
  return (
    <dl className="grid grid-cols-[7rem_minmax(0,1fr)] gap-x-4 gap-y-1.5">
      <Fact name="Image">
        {node.build ? describeBuild(node.build) : node.image ? <code>{node.image}</code> : 'none: a process'}
      </Fact>
      {ran ? (
        <Fact name="Which image">
          <code className="break-all">{imageWords(ran)}</code>
        </Fact>
      ) : null}
      <Fact name="Command">
        <code className="break-words">{node.command ? commandText(node.command) : "the image's own"}</code>
      </Fact>
      <Fact name="User">{container.user ?? "the image's own"}</Fact>
      {node.cwd ? (
        <Fact name="Folder">
          <code>{node.cwd}</code>
        </Fact>
      ) : null}
      <Fact name="Limits">{limits.length > 0 ? limits.join(', ') : 'none of its own'}</Fact>
      <Fact name="Time limit">
        {formatDuration(node.timeoutMs)}, then {formatDuration(node.graceMs)} from SIGTERM to SIGKILL
      </Fact>
      <Fact name="Retries">{node.retries.max === 0 ? 'none' : `up to ${node.retries.max}`}</Fact>
      {node.ports.length > 0 ? <Fact name="Ports">{node.ports.join(', ')}</Fact> : null}
      {node.ready ? (
        <Fact name="Ready when">
          <code className="break-words">{node.ready.probes.map(probeText).join(' and ')}</code> within{' '}
          {formatDuration(node.ready.timeoutMs)}
        </Fact>
      ) : null}
      {node.exports.length > 0 ? (
        <Fact name="Exports">{node.exports.map(({ path, format }) => `${path} (${format})`).join(', ')}</Fact>
      ) : null}
      <Fact name="After">{[...step.after, ...step.onFailure].join(', ') || 'nothing'}</Fact>
      <Fact name="Package">
        <code className="break-all">{node.packageDigest}</code>
      </Fact>
    </dl>
  );
}

/** Says which image it was: by its digest where a registry has it, else by its id. */
function imageWords({ id, digest, platform }: ImageFacts): string {
  const which = digest?.replace(/^.*@/, '') ?? id;
  return [which, platform].filter((word) => word !== null).join(', ');
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <>
      <dt className="text-ink-2">{name}</dt>
      <dd className="min-w-0 break-words">{children}</dd>
    </>
  );
}

function commandText(argv: readonly string[]): string {
  const [shell, flag, script] = argv;
  if (argv.length === 3 && shell === 'sh' && flag === '-c' && script !== undefined) return script;
  return argv.map((word) => (/^[\w./:=@%+-]+$/.test(word) ? word : JSON.stringify(word))).join(' ');
}

function probeText(probe: NonNullable<StepSpec['node']['ready']>['probes'][number]): string {
  switch (probe.type) {
    case 'tcp':
      return `tcp ${probe.port}`;
    case 'http':
      return `http ${probe.port}${probe.path}`;
    case 'exec':
      return commandText(probe.argv);
    case 'log':
      return `log ${probe.rule.text ?? `/${probe.rule.pattern}/`}`;
    case 'healthcheck':
      return 'the healthcheck of the image';
  }
}

function Attempts({ step }: { step: Step }) {
  if (step.attempts.length === 0) return null;
  return (
    <table className="mt-4 w-full text-left">
      <caption className="label pb-1 text-left">Attempts</caption>
      <tbody>
        {step.attempts.map(({ number, status, startedAt, finishedAt, result, warnings }) => (
          <tr key={number} className="border-line border-t align-top">
            <td className="py-1 pr-3">{number}</td>
            <td className="py-1 pr-3">{stateWord(status)}</td>
            <td className="whitespace-nowrap py-1 pr-3 text-ink-2">
              {finishedAt ? formatDuration(Date.parse(finishedAt) - Date.parse(startedAt)) : 'runs'}
            </td>
            <td className="w-full py-1">
              {result?.reason ?? ''}
              {warnings.map((warning) => (
                <span key={warning} className="block text-ink-2">
                  Note: {warning}
                </span>
              ))}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Env({ spec }: { spec: StepSpec }) {
  const names = Object.keys({ ...spec.env, ...spec.secrets }).sort();
  return (
    <table className="mt-4 w-full text-left">
      <caption className="label pb-1 text-left">Environment variables</caption>
      <tbody>
        {names.map((name) => (
          <tr key={name} className="border-line border-t align-top">
            <td className="py-1 pr-4">
              <code>{name}</code>
            </td>
            <td className="w-full break-all py-1">
              <code>{spec.secrets[name] ?? spec.env[name]}</code>
              {name in spec.secrets ? <span className="text-ink-2"> a secret</span> : null}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
