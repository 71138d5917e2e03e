'use client';

import { SquareTerminal } from 'lucide-react';
import { Fragment, useState } from 'react';
import { CopyId } from '@/app/_components/copy-id';
import { Link } from '@/app/_components/hover-link';
import { formatBytes, formatCpu, formatRate } from '@/app/_components/quantities';
import { When } from '@/app/_components/time';
import type {
  Environment,
  EnvironmentResource,
  EnvironmentUsage,
  ResourceUsage,
} from '@/lib/model/environment';
import { isRunning } from '@/lib/model/running-resource';
import { ContainerConsole } from './container-console';

/** Each container, network and volume of an environment. */
export function ResourceTable({
  environment,
  usage,
  mayRun,
}: {
  environment: Environment;
  usage: EnvironmentUsage | undefined;
  /** Commands in its containers. */
  mayRun: boolean;
}) {
  const [opened, setOpened] = useState<string | null>(null);
  return (
    <div className="panel overflow-x-auto">
      <table className="w-full">
        <thead>
          <tr className="border-line border-b text-left">
            <th className="label px-3 py-1">Resource</th>
            <th className="label px-2 py-1">State</th>
            <th className="label hidden px-2 py-1 text-right sm:table-cell">CPU</th>
            <th className="label hidden px-2 py-1 text-right sm:table-cell">Memory</th>
            <th className="label hidden px-2 py-1 text-right lg:table-cell">Network in, out</th>
            <th className="label hidden px-2 py-1 text-right lg:table-cell">Disk held; read, written</th>
            <th className="label hidden px-2 py-1 md:table-cell">Made</th>
          </tr>
        </thead>
        <tbody>
          {environment.resources.map((resource) => (
            <Fragment key={`${resource.kind} ${resource.name}`}>
              <ResourceRow
                environment={environment}
                resource={resource}
                usage={usage?.[resource.name]}
                isOpen={opened === resource.name}
                onToggle={() => setOpened(opened === resource.name ? null : resource.name)}
              />
              {opened === resource.name ? (
                <tr>
                  <td colSpan={7}>
                    <ContainerConsole
                      environmentId={environment.id}
                      terminal={terminals[environment.backend.kind] ?? 'a terminal'}
                      resource={resource}
                      whyNotRun={whyNotRun(resource, mayRun)}
                    />
                  </td>
                </tr>
              ) : null}
            </Fragment>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function diskHeld({ diskBytes }: ResourceUsage): string {
  return diskBytes === null ? '–' : formatBytes(diskBytes);
}

function ResourceRow({
  environment,
  resource,
  usage,
  isOpen,
  onToggle,
}: {
  environment: Environment;
  resource: EnvironmentResource;
  usage: ResourceUsage | undefined;
  isOpen: boolean;
  onToggle: () => void;
}) {
  const { kind, name, stepId, image, createdAt } = resource;
  return (
    <tr className="border-line border-b align-top last:border-b-0" data-resource={name}>
      <td className="px-3 py-1.5">
        <span className="text-ink-2">{kind}</span> <CopyId id={name} />
        <p className="flex flex-wrap gap-x-3 text-ink-2 text-xs">
          {stepId !== null && environment.execution ? (
            <Link
              href={`/executions/${environment.id}?step=${encodeURIComponent(stepId)}&tab=logs`}
              className="text-accent hover:underline"
            >
              {stepId}: log
            </Link>
          ) : stepId !== null ? (
            <span>step {stepId}</span>
          ) : null}
          {image ? <span>{image}</span> : null}
          {addresses(resource)}
          {hasConsole(environment, kind) ? (
            <button
              type="button"
              aria-expanded={isOpen}
              onClick={onToggle}
              className="flex items-center gap-1 text-accent hover:underline"
            >
              <SquareTerminal size={12} aria-hidden="true" /> console
              <span className="sr-only"> of {name}</span>
            </button>
          ) : null}
          {usage ? (
            <span className="sm:hidden">
              {formatCpu(usage.cpu)}, {formatBytes(usage.memoryBytes)}
            </span>
          ) : null}
        </p>
      </td>
      <td className="whitespace-nowrap px-2 py-1.5">{stateSentence(resource)}</td>
      <td className="hidden whitespace-nowrap px-2 py-1.5 text-right text-ink-2 sm:table-cell">
        {formatCpu(usage?.cpu ?? null)}
      </td>
      <td className="hidden whitespace-nowrap px-2 py-1.5 text-right text-ink-2 sm:table-cell">
        {usage ? formatBytes(usage.memoryBytes) : '–'}
      </td>
      <td className="hidden whitespace-nowrap px-2 py-1.5 text-right text-ink-2 lg:table-cell">
        {usage ? `${formatRate(usage.receivedRate)}, ${formatRate(usage.sentRate)}` : '–'}
      </td>
      <td className="hidden whitespace-nowrap px-2 py-1.5 text-right text-ink-2 lg:table-cell">
        {usage ? `${diskHeld(usage)}; ${formatRate(usage.readRate)}, ${formatRate(usage.writtenRate)}` : '–'}
      </td>
      <td className="hidden whitespace-nowrap px-2 py-1.5 text-ink-2 md:table-cell">
        {createdAt ? <When at={createdAt} /> : '–'}
      </td>
    </tr>
  );
}

/** Where a shell can be opened in what a backend runs. */
const terminals: Partial<Record<Environment['backend']['kind'], string>> = {
  local: "a terminal of Docker's machine",
  'remote-agent': "a terminal of the agent's machine",
};

/** A container, or the pod that stands for one. */
function hasConsole({ backend }: Environment, kind: EnvironmentResource['kind']): boolean {
  if (backend.kind === 'kubernetes') return kind === 'pod';
  return kind === 'container' && (backend.kind === 'local' || backend.kind === 'remote-agent');
}

/** Null when a command can be run in it. */
function whyNotRun(resource: EnvironmentResource, mayRun: boolean): string | null {
  if (!mayRun) return 'Running commands needs the right `exec` to the suite.';
  if (resource.ahead) return 'It was made ahead: its step has not begun.';
  return isRunning(resource) ? null : 'It does not run.';
}

function addresses({ address, ports }: EnvironmentResource) {
  if (ports.length === 0) return address ? <span>{address}</span> : null;
  return <span>{ports.map((port) => `${address ?? ''}:${port}`).join(', ')}</span>;
}

function stateSentence({ kind, state, health, exitCode, ahead }: EnvironmentResource): string {
  if (ahead) return `${ahead}, not begun`;
  if (state === null) return kind === 'container' ? 'unknown' : 'there';
  const code = exitCode === null ? '' : ` with ${exitCode}`;
  return `${state}${code}${health === null ? '' : `, ${health}`}`;
}
