import { X } from 'lucide-react';
import type { ReactNode } from 'react';
import { Link } from '@/app/_components/hover-link';
import { formatDuration } from '@/app/_components/time';
import { describeBuild } from '@/lib/model/describe-build';
import type { PlannedNode } from '@/lib/model/node';
import {
  formatCommand,
  formatExport,
  formatImage,
  formatLimits,
  formatReady,
  formatRule,
} from './format-step';
import { SecretList, VariableList } from './variable-list';

interface StepFactsProps {
  step: PlannedNode;
  onSelect: (id: string) => void;
  onClose: () => void;
}

/** All about one step; what it leaves at its default is left out. */
export function StepFacts({ step, onSelect, onClose }: StepFactsProps) {
  const { source, retries } = step;
  const steps = (ids: readonly string[]) =>
    ids.map((id, index) => (
      <span key={id}>
        {index > 0 ? ', ' : ''}
        <button type="button" className="text-accent hover:underline" onClick={() => onSelect(id)}>
          {id}
        </button>
      </span>
    ));
  return (
    <aside
      aria-label={`Step ${step.id}`}
      className="max-h-[55%] shrink-0 overflow-auto border-line border-t bg-surface lg:max-h-none lg:w-100 lg:border-t-0 lg:border-l"
    >
      <div className="sticky top-0 flex items-center gap-2 border-line border-b bg-surface py-1 pr-1 pl-4">
        <h2 className="min-w-0 break-words text-base">{step.name}</h2>
        <span className="text-ink-2">{step.kind}</span>
        <button
          type="button"
          onClick={onClose}
          aria-label="Close"
          className="ml-auto flex size-8 items-center justify-center rounded-md text-ink-2 hover:bg-sunken hover:text-ink"
        >
          <X size={16} aria-hidden="true" />
        </button>
      </div>
      <dl className="grid grid-cols-[6rem_minmax(0,1fr)] gap-x-3 gap-y-1.5 px-4 py-3 [overflow-wrap:anywhere]">
        <Fact name="Id">{step.name === step.id ? null : <code>{step.id}</code>}</Fact>
        <Fact name="From">
          {source ? (
            <>
              <Link href={`/suites/${encodeURIComponent(source.suiteId)}`} className="text-accent">
                {source.title}
              </Link>{' '}
              as {source.alias}, profile {source.profile}
              <code className="block text-ink-2">{source.ref}</code>
            </>
          ) : null}
        </Fact>
        <Fact name="Image">
          {step.build ? describeBuild(step.build) : step.image ? <code>{step.image}</code> : null}
        </Fact>
        <Fact name="Pull">{step.pull === 'missing' ? null : step.pull}</Fact>
        <Fact name="Runs">
          {step.command ? (
            <pre className="whitespace-pre-wrap">{formatCommand(step.command)}</pre>
          ) : (
            formatImage(step.container)
          )}
        </Fact>
        <Fact name="In">{step.cwd ? <code>{step.cwd}</code> : null}</Fact>
        <Fact name="After">{step.after.length > 0 ? steps(step.after) : null}</Fact>
        <Fact name="If failed">{step.onFailure.length > 0 ? steps(step.onFailure) : null}</Fact>
        <Fact name="Ready when">{step.ready ? formatReady(step.ready) : null}</Fact>
        <Fact name="Health check">
          {step.container.healthCheck ? formatCommand(step.container.healthCheck.argv) : null}
        </Fact>
        <Fact name="Also called">{step.container.aliases.join(', ') || null}</Fact>
        <Fact name="Ports">{step.ports.join(', ') || null}</Fact>
        <Fact name="Resets">{step.resetMocks.length > 0 ? steps(step.resetMocks) : null}</Fact>
        <Fact name="Timeout">{formatDuration(step.timeoutMs)}</Fact>
        <Fact name="Retries">
          {retries.max > 0 ? `${retries.max}, ${formatDuration(retries.backoffMs)} apart` : null}
        </Fact>
        <Fact name="Exit codes">{step.expectExit.join() === '0' ? null : step.expectExit.join(', ')}</Fact>
        <Fact name="Must print">{step.expectLogs.map(formatRule).join(', ') || null}</Fact>
        <Fact name="Must not">{step.failOnLogs.map(formatRule).join(', ') || null}</Fact>
        <Fact name="Failing">{step.continueOnFailure ? 'does not stop what comes after it' : null}</Fact>
        <Fact name="Exports">{step.exports.map(formatExport).join(', ') || null}</Fact>
        <Fact name="Limits">{formatLimits(step.resources)}</Fact>
        <Fact name="Capabilities">{[step.capabilities].flat().join(', ') || null}</Fact>
        <Fact name="User">{step.container.user}</Fact>
        <Fact name="Stopped by">{step.container.stopSignal}</Fact>
        <Fact name="Files">
          {step.container.files.map(({ path, from }) => `${path} (${from})`).join(', ') || null}
        </Fact>
        <Fact name="Volumes">
          {step.container.volumes.map(({ path, name }) => `${path} (${name})`).join(', ') || null}
        </Fact>
        <Fact name="Secret files">{step.container.secretFiles.join(', ') || null}</Fact>
        <Fact name="In memory">{step.container.tmpfs.join(', ') || null}</Fact>
        <Fact name="Graphics processors">{step.container.gpus}</Fact>
        <Fact name="Platform">{step.container.platform}</Fact>
        <Fact name="File system">{step.container.readOnly ? 'read-only' : null}</Fact>
        <Fact name="Tags">{step.tags.join(', ') || null}</Fact>
      </dl>
      <div className="flex flex-col gap-3 px-4 pb-4">
        <VariableList title="Env" values={step.env} />
        <VariableList title="Headers" values={step.headers} />
        <SecretList secrets={step.secrets} />
      </div>
    </aside>
  );
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  if (children === null || children === undefined) return null;
  return (
    <>
      <dt className="text-ink-2">{name}</dt>
      <dd>{children}</dd>
    </>
  );
}
