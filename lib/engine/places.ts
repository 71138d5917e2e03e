import { createSlots, type Slots } from './slots';

/** The places for steps on one backend. */
export interface Places {
  slots: Slots;
  /** What a step waits for that finds none. */
  sentence: string;
}

/** Answers a backend's places. When its capacity is changed, runs that begin then share new ones. */
export function createPlaces(): (backendId: string, capacity: number) => Places {
  const known = new Map<string, { capacity: number; places: Places }>();
  return (backendId, capacity) => {
    const before = known.get(backendId);
    if (before?.capacity === capacity) return before.places;
    const sentence =
      capacity === 1
        ? `Waits for the one place for a step on \`${backendId}\`.`
        : `Waits for one of the ${capacity} places for steps on \`${backendId}\`.`;
    const places = { slots: createSlots(capacity), sentence };
    known.set(backendId, { capacity, places });
    return places;
  };
}
