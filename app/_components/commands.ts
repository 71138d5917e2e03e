export interface Command {
  title: string;
  /** Said beside the title. */
  kind: string;
  href: string;
}

const maxShown = 12;

/** The commands whose title or kind has every word of the text; those whose title begins with it come first. */
export function findCommands(commands: readonly Command[], text: string): Command[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  const found = commands.filter(({ title, kind }) => {
    const name = `${title} ${kind}`.toLowerCase();
    return words.every((word) => name.includes(word));
  });
  const start = words.join(' ');
  const isFirst = ({ title }: Command) => title.toLowerCase().startsWith(start);
  return [...found.filter(isFirst), ...found.filter((command) => !isFirst(command))].slice(0, maxShown);
}
