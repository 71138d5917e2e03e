import { readContexts, writeContexts } from '../connection/contexts';
import { formatTable } from '../format';
import { type CommandContext, printResult } from '../terminal';

/** `gantry context`: the control planes that are kept, without their tokens. */
export async function listContexts(context: CommandContext, file: string): Promise<void> {
  const { current, contexts } = await readContexts(file);
  const items = Object.entries(contexts).map(([name, { url, token }]) => ({
    name,
    url,
    hasToken: token !== null,
    isCurrent: name === current,
  }));
  printResult(context, { items }, () =>
    items.length === 0
      ? ['No context is kept. Add one: gantry context add NAME --url URL --token TOKEN']
      : formatTable(
          ['NAME', 'ADDRESS', 'TOKEN', ''],
          items.map(({ name, url, hasToken, isCurrent }) => [
            name,
            url,
            hasToken ? 'kept' : 'none',
            isCurrent ? 'current' : '',
          ]),
        ),
  );
}

/** `gantry context add`: keeps an address with its token, and uses it from now on. */
export async function addContext(
  { terminal }: CommandContext,
  file: string,
  name: string,
  { url, token }: { url?: string | undefined; token?: string | undefined },
): Promise<void> {
  if (!/^[\w.-]{1,63}$/.test(name))
    throw new Error(`Expected a name of letters, digits, "_", "." and "-", found ${JSON.stringify(name)}.`);
  if (!url || !URL.canParse(url) || !/^https?:/.test(url))
    throw new Error(`--url: expected an address such as https://gantry.example, found ${url ?? 'nothing'}.`);
  if (!token) throw new Error('--token: expected an API token (or GANTRY_TOKEN), found nothing.');
  const { contexts } = await readContexts(file);
  await writeContexts(file, { current: name, contexts: { ...contexts, [name]: { url, token } } });
  terminal.note(`${name} is kept in ${file} and used from now on.`);
}

/** `gantry context use`. */
export async function useContext({ terminal }: CommandContext, file: string, name: string): Promise<void> {
  const { contexts } = await readContexts(file);
  if (!Object.hasOwn(contexts, name))
    throw new Error(`There is no context ${name}. There are: ${Object.keys(contexts).join(', ') || 'none'}.`);
  await writeContexts(file, { current: name, contexts });
  terminal.note(`${name} is used from now on.`);
}

/** `gantry context rm`. */
export async function removeContext({ terminal }: CommandContext, file: string, name: string): Promise<void> {
  const { current, contexts } = await readContexts(file);
  const { [name]: removed, ...others } = contexts;
  if (!removed) throw new Error(`There is no context ${name}.`);
  await writeContexts(file, { current: current === name ? null : current, contexts: others });
  terminal.note(`Removed ${name}.`);
}
