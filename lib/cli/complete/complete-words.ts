import type { Argument, Command } from 'commander';
import type { ApiClient } from '../../client/api-client';
import { type Clock, systemClock, waitAtMost } from '../../clock';

/** Nobody waits longer for a key of the keyboard. */
const limitMs = 1_500;

/** What can come as the last of the words that were typed after `gantry`; that one may be empty or begun. */
export async function completeWords(
  program: Command,
  words: readonly string[],
  connect: () => Promise<ApiClient>,
  clock: Clock = systemClock,
): Promise<string[]> {
  const typed = words.slice(0, -1);
  const begun = words.at(-1) ?? '';
  const { command, position } = findCommand(program, typed);
  if (begun.startsWith('-'))
    return [...command.options, ...program.options]
      .flatMap(({ long }) => long ?? [])
      .filter((word) => word.startsWith(begun));
  const names = position === 0 ? command.commands.filter(isShown).map((each) => each.name()) : [];
  const argument = command.registeredArguments[position];
  const values = argument
    ? [...(argument.argChoices ?? []), ...(await valuesOf(argument, connect, clock))]
    : [];
  return [...names, ...values].filter((word) => word.startsWith(begun));
}

/** The command that the words name, and how many arguments of it are there. */
function findCommand(program: Command, words: readonly string[]): { command: Command; position: number } {
  let command = program;
  let position = 0;
  for (let index = 0; index < words.length; index += 1) {
    const word = words[index] ?? '';
    if (word.startsWith('-')) {
      const option = [...command.options, ...program.options].find(
        ({ short, long }) => short === word || long === word,
      );
      if (option?.required) index += 1;
      continue;
    }
    const next = position === 0 ? command.commands.find((each) => each.name() === word) : undefined;
    if (next) command = next;
    else position += 1;
  }
  return { command, position };
}

function isShown(command: Command): boolean {
  return command.name() !== 'complete';
}

/** Ids that the control plane knows; none when it does not answer at once. */
async function valuesOf(
  argument: Argument,
  connect: () => Promise<ApiClient>,
  clock: Clock,
): Promise<string[]> {
  let found: string[] = [];
  const look = async () => {
    const api = await connect();
    found = await idsOf(argument.name(), api);
  };
  await waitAtMost(clock, limitMs, look()).catch(() => undefined);
  return found;
}

async function idsOf(name: string, api: ApiClient): Promise<string[]> {
  switch (name) {
    case 'suite':
      return (await api.get('/api/v1/executions/launch-suites', {})).map(({ id }) => id);
    case 'execution':
      return (await api.get('/api/v1/executions', { query: { limit: 30 } })).items.map(({ id }) => id);
    case 'agent':
      return (await api.get('/api/v1/agents', {})).items.map(({ id }) => id);
    case 'backend':
      return (await api.get('/api/v1/backends', {})).items.map(({ id }) => id);
    default:
      return [];
  }
}
