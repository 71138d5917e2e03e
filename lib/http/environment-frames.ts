import type { EnvironmentUsage, InventoryMessage, LiveInventory } from '../model/environment';
import type { Snapshot } from '../streams/snapshot-feed';
import { frame } from './sse';

const encoder = new TextEncoder();

/**
 * The inventory whole after each change, and between changes only the readings that this reader has not got yet:
 * when nothing changes, next to nothing is sent.
 */
export async function* environmentFrames(
  snapshots: AsyncIterable<Snapshot<LiveInventory>>,
): AsyncGenerator<Uint8Array> {
  let sent: LiveInventory['inventory'] | null = null;
  let lastNumber = 0;
  for await (const { version, value } of snapshots) {
    const isNew = value.inventory !== sent;
    const usage = usageAfter(value, isNew ? 0 : lastNumber);
    sent = value.inventory;
    lastNumber = value.usages.at(-1)?.number ?? lastNumber;
    if (!isNew && Object.keys(usage).length === 0) continue;
    const message: InventoryMessage = isNew
      ? { type: 'inventory', inventory: value.inventory, usage }
      : { type: 'usage', usage };
    yield encoder.encode(frame(version, JSON.stringify(message)));
  }
}

function usageAfter({ usages }: LiveInventory, number: number): Record<string, EnvironmentUsage> {
  const byEnvironment: Record<string, EnvironmentUsage> = {};
  for (const each of usages) {
    if (each.number <= number) continue;
    const own = byEnvironment[each.executionId] ?? {};
    byEnvironment[each.executionId] = own;
    own[each.name] = each.usage;
  }
  return byEnvironment;
}
