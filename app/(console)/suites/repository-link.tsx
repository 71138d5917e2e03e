/** Where a suite is kept; a link where a browser can go. */
export function RepositoryLink({ repository }: { repository: string }) {
  const shown = repository.replace(/^https?:\/\//, '');
  if (!/^https?:\/\//.test(repository)) return <span className="break-all">{shown}</span>;
  return (
    <a
      href={repository}
      rel="noreferrer"
      target="_blank"
      title={`${repository}, in a new tab`}
      className="break-all hover:text-accent hover:underline"
    >
      {shown}
    </a>
  );
}
