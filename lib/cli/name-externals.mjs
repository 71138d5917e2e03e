// The last step of a build. Turbopack refers to each package that it leaves outside by a link of its own making, such
// as `.next/node_modules/postgres-1f3a…`. `npm pack` leaves links out, and an installed package's folder may not be
// written to: so the built files name the packages themselves, which Node finds wherever npm has put them.
import { lstatSync, readdirSync, readFileSync, realpathSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const link = /^(?:@[^/]+\/)?[^/]+-[0-9a-f]{16}$/;

/** Throws when a link leads elsewhere than its package's name does: the name would then mean another package. */
export function nameExternals(root) {
  const linksFolder = path.join(root, '.next', 'node_modules');
  const names = new Map();
  for (const alias of linksIn(linksFolder)) {
    const name = alias.slice(0, -17);
    const found = realpathSync(path.join(linksFolder, alias));
    const meant = realpathSync(path.join(root, 'node_modules', name));
    if (found !== meant) {
      throw new Error(
        `The build uses ${name} from ${found}, and its name leads to ${meant}: make it a dependency of Gantry in that version.`,
      );
    }
    names.set(alias, name);
  }
  if (names.size === 0) return 0;
  const anyAlias = new RegExp(
    [...names.keys()].map((each) => each.replace(/[.\\/]/g, '\\$&')).join('|'),
    'g',
  );
  let changed = 0;
  for (const file of scriptsIn(path.join(root, '.next', 'server'))) {
    const before = readFileSync(file, 'utf8');
    const after = before.replace(anyAlias, (alias) => names.get(alias));
    if (after === before) continue;
    writeFileSync(file, after);
    changed += 1;
  }
  return changed;
}

function linksIn(folder) {
  let found = [];
  try {
    found = readdirSync(folder);
  } catch (error) {
    if (error.code !== 'ENOENT') throw error;
  }
  return found
    .flatMap((name) =>
      name.startsWith('@') ? readdirSync(path.join(folder, name)).map((each) => `${name}/${each}`) : [name],
    )
    .filter((name) => link.test(name) && lstatSync(path.join(folder, name)).isSymbolicLink());
}

function scriptsIn(folder) {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((each) => each.isFile() && /\.[cm]?js$/.test(each.name))
    .map((each) => path.join(each.parentPath ?? each.path, each.name));
}

const own = fileURLToPath(import.meta.url);
if (process.argv[1] && own === path.resolve(process.argv[1])) nameExternals(path.resolve(own, '../../..'));
