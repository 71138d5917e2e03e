'use client';

import { useEffect, useRef, useState } from 'react';
import { Button } from '@/app/_components/button';
import { CopyId } from '@/app/_components/copy-id';
import type { EnvironmentResource } from '@/lib/model/environment';
import { useConsole } from './use-console';

/** The last lines of a container, and commands in it. Each command begins anew in the container's own folder. */
export function ContainerConsole({
  environmentId,
  resource,
  terminal,
  whyNotRun,
}: {
  environmentId: string;
  resource: EnvironmentResource;
  /** Where its own shell command is to be typed. */
  terminal: string;
  /** Why no command can be run in it; null when one can. */
  whyNotRun: string | null;
}) {
  const { entries, isRunning, run, readLog, stop } = useConsole(environmentId, resource.name);
  const [command, setCommand] = useState('');
  const bottom = useRef<HTMLDivElement>(null);
  const input = useRef<HTMLInputElement>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: whatever is printed is to be seen
  useEffect(() => {
    bottom.current?.scrollTo({ top: bottom.current.scrollHeight });
  }, [entries]);

  return (
    <div className="flex flex-col gap-2 border-line border-t bg-surface p-3" data-console={resource.name}>
      {entries.length > 0 ? (
        <div
          ref={bottom}
          role="log"
          aria-label={`Console of ${resource.name}`}
          className="max-h-80 overflow-auto rounded-md border border-line bg-sunken p-2 font-mono text-code"
        >
          {entries.map((entry, at) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: entries are only ever added
            <div key={at}>
              <p className="font-[650]">{entry.title}</p>
              <pre className="whitespace-pre-wrap break-all">
                {entry.parts.map((part, index) => (
                  <span
                    // biome-ignore lint/suspicious/noArrayIndexKey: parts are only ever added
                    key={index}
                    className={part.stream === 'stderr' ? 'text-failed' : undefined}
                  >
                    {part.text}
                  </span>
                ))}
              </pre>
              {entry.ending ? <p className="text-ink-2">{entry.ending}</p> : null}
            </div>
          ))}
        </div>
      ) : null}
      <form
        className="flex flex-wrap items-center gap-2"
        onSubmit={(event) => {
          event.preventDefault();
          if (command.trim() === '' || isRunning) return;
          void run(command);
          setCommand('');
        }}
      >
        <Button onClick={() => void readLog()} disabled={isRunning}>
          Last lines
        </Button>
        <input
          ref={input}
          value={command}
          onChange={(event) => setCommand(event.target.value)}
          disabled={whyNotRun !== null}
          placeholder={whyNotRun ?? 'A command, e.g. ps'}
          aria-label={`Command to run in ${resource.name}`}
          className="h-8 min-w-40 flex-1 rounded-md border border-line-strong bg-surface px-2 font-mono text-code disabled:opacity-50"
          autoComplete="off"
          spellCheck={false}
        />
        {isRunning ? (
          <Button
            variant="danger"
            onClick={() => {
              stop();
              // The button goes, and the focus would go with it.
              input.current?.focus();
            }}
          >
            Stop
          </Button>
        ) : (
          <Button type="submit" disabled={whyNotRun !== null || command.trim() === ''}>
            Run
          </Button>
        )}
      </form>
      {resource.shell ? (
        <p className="text-ink-2 text-xs">
          Or in {terminal}: <CopyId id={resource.shell} />
        </p>
      ) : null}
    </div>
  );
}
