import { CopyId } from '@/app/_components/copy-id';

const shownLength = 'sha256:'.length + 12;

/** As much of it as tells two apart. */
export function Digest({ digest }: { digest: string }) {
  return (
    <CopyId id={digest} shown={digest.length > shownLength ? `${digest.slice(0, shownLength)}…` : digest} />
  );
}
