import { Button } from './button';

interface OlderButtonProps {
  /** What `useInfiniteQuery` answers. */
  list: { hasNextPage: boolean; isFetchingNextPage: boolean; fetchNextPage: () => Promise<unknown> };
  label?: string;
}

/** Under a list, newest first unless the label says otherwise, as long as there is more of it. */
export function LoadMore({ list, label = 'Show older ones' }: OlderButtonProps) {
  if (!list.hasNextPage) return null;
  return (
    <Button
      className="self-center"
      disabled={list.isFetchingNextPage}
      onClick={() => void list.fetchNextPage()}
    >
      {list.isFetchingNextPage ? 'Loading…' : label}
    </Button>
  );
}
