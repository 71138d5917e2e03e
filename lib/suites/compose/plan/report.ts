import type { Mapping, Place, Places } from '../syntax/places';
import type { ComposeProblem } from '../syntax/problem';

/** Where the plan of one service says what is wrong with it. */
export interface ServiceReport {
  problem(path: readonly (string | number)[], message: string): void;
  notice(path: readonly (string | number)[], message: string): void;
}

/** Reports at the lines of one service. Messages begin with the path, as in `services.db.volumes[0]`. */
export function reportOn(
  model: Mapping,
  name: string,
  { places, problems, notices }: { places: Places; problems: ComposeProblem[]; notices: ComposeProblem[] },
  top: Place,
): ServiceReport {
  const add = (list: ComposeProblem[]) => (path: readonly (string | number)[], message: string) => {
    const place = places.find(model, ['services', name, ...path], top);
    const shown = path.map((key) => (typeof key === 'number' ? `[${key}]` : `.${key}`)).join('');
    list.push({ ...place, message: `services.${name}${shown}: ${message}` });
  };
  return { problem: add(problems), notice: add(notices) };
}
