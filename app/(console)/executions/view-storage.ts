export interface SavedView {
  name: string;
  /** The query of the address, with its question mark. */
  search: string;
}

type Open = () => Pick<Storage, 'getItem' | 'setItem'>;

const key = 'gantry.executions.views';
const maxViews = 20;

export const noViews = '[]';

/** The views as they are kept. A browser whose storage is blocked throws already when it is asked for it: it has none. */
export function readViews(open: Open): string {
  try {
    return open().getItem(key) ?? noViews;
  } catch {
    return noViews;
  }
}

/** Keeps them; answers why it cannot, where the storage is blocked or full. */
export function writeViews(open: Open, views: readonly SavedView[]): string | null {
  try {
    open().setItem(key, JSON.stringify(views.slice(-maxViews)));
    return null;
  } catch (error) {
    return `This browser keeps nothing for Gantry: its storage is blocked or full (${error instanceof Error ? error.message : String(error)}).`;
  }
}

/** What another version, or a person, has left there may be anything. */
export function parseViews(text: string): SavedView[] {
  try {
    const found: unknown = JSON.parse(text);
    return Array.isArray(found) ? found.filter(isView) : [];
  } catch {
    return [];
  }
}

function isView(found: unknown): found is SavedView {
  if (typeof found !== 'object' || found === null) return false;
  return (
    'name' in found &&
    typeof found.name === 'string' &&
    'search' in found &&
    typeof found.search === 'string' &&
    (found.search === '' || found.search.startsWith('?'))
  );
}
