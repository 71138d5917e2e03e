import type { EnvironmentUsage, Inventory, InventoryMessage } from '@/lib/model/environment';

const keptPoints = 40;

/** Total usage of an environment's containers at one time. */
export interface UsagePoint {
  cpu: number;
  memoryBytes: number;
}

export interface LiveState {
  inventory: Inventory;
  /** The newest readings, by environment and resource. */
  usage: Record<string, EnvironmentUsage>;
  /** Usage points per environment, oldest first, for the sparklines. */
  history: Record<string, UsagePoint[]>;
}

export function startState(inventory: Inventory): LiveState {
  return { inventory, usage: {}, history: {} };
}

/** The next picture of the page. Pure; environments that nothing was said of keep their objects. */
export function applyMessage(state: LiveState, message: InventoryMessage): LiveState {
  const inventory = message.type === 'inventory' ? message.inventory : state.inventory;
  const usage: LiveState['usage'] = {};
  const history: LiveState['history'] = {};
  for (const { id, resources } of inventory.environments) {
    const said = message.usage[id];
    const before = state.usage[id];
    if (!said && before) usage[id] = before;
    if (said) {
      const names = new Set(resources.map(({ name }) => name));
      const merged = { ...before, ...said };
      usage[id] = Object.fromEntries(Object.entries(merged).filter(([name]) => names.has(name)));
    }
    const past = state.history[id] ?? [];
    const now = usage[id];
    const point = said && now ? pointOf(now) : null;
    if (point) history[id] = [...past, point].slice(-keptPoints);
    else if (past.length > 0) history[id] = past;
  }
  return { inventory, usage, history };
}

/** Null until a rate is known. */
function pointOf(usage: EnvironmentUsage): UsagePoint | null {
  const readings = Object.values(usage);
  if (!readings.some(({ cpu }) => cpu !== null)) return null;
  return {
    cpu: readings.reduce((sum, { cpu }) => sum + (cpu ?? 0), 0),
    memoryBytes: readings.reduce((sum, { memoryBytes }) => sum + memoryBytes, 0),
  };
}
