import { type ReactNode, useId } from 'react';
import { FieldIssue } from '@/app/_components/field';

/** Fields that belong together, and what is wrong with all of them. */
export function Group({
  title,
  issue = null,
  children,
}: {
  title: string;
  issue?: string | null;
  children: ReactNode;
}) {
  const id = useId();
  return (
    <fieldset className="flex min-w-0 flex-col gap-2" aria-describedby={issue ? id : undefined}>
      <legend className="mb-1 font-[550]">{title}</legend>
      <FieldIssue id={id} text={issue} />
      {children}
    </fieldset>
  );
}
