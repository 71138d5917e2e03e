import type { ReapResult } from '@/lib/model/environment';

/** Lists removed resources, and those that could not be removed with the reason. */
export function ReapReceipt({ results }: { results: ReapResult[] }) {
  const created = sum(results, ({ receipt }) => receipt.created);
  const removed = sum(results, ({ receipt }) => receipt.removed);
  const left = results.flatMap(({ receipt }) => receipt.left);
  const refused = results.filter(({ outcome }) => outcome === 'refused');
  return (
    <div role="status" data-testid="receipt">
      <p className="font-[550]">
        Found {created}, removed {removed}, left {left.length}.
      </p>
      <ul className="text-ink-2">
        {left.map(({ kind, name, reason }) => (
          <li key={`${kind} ${name}`}>
            {kind} <code>{name}</code> is left: {reason}
          </li>
        ))}
        {refused.map(({ id, reason }) => (
          <li key={id}>
            <code>{id}</code> was not touched: {reason}
          </li>
        ))}
      </ul>
    </div>
  );
}

function sum(results: ReapResult[], of: (result: ReapResult) => number): number {
  return results.reduce((total, result) => total + of(result), 0);
}
