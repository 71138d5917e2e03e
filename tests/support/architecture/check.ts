import { readdirSync, readFileSync, statSync } from 'node:fs';
import { builtinModules } from 'node:module';
import path from 'node:path';
import picomatch from 'picomatch';
import { findCycles } from './find-cycle';
import { type ModuleFacts, readModule } from './read-module';

/** One row of the import table. Globs are over paths from the root, with their extension. */
export interface Room {
  files: string;
  /** Only those of its files that the browser gets: 'use client', and what such a file imports. */
  inBrowser?: boolean;
  /** What it may import beside its own files. */
  imports: string[];
  /** npm packages; `node:` stands for all of Node's own modules, `*` for any package. */
  packages: string[];
}

export interface Rules {
  /** The first row that fits a file is its own. */
  rooms: Room[];
  /** Folders and files whose modules must each belong to a row. */
  checked: string[];
  /** Files that may use a thing: `process.env`, or a way to time. */
  mayUse: { files: string; what: string[] }[];
  /** The first that fits. */
  longest: { files: string; lines: number }[];
  /** The most lines of a function, and the functions that are longer, by file and name: each with its own length. */
  longestFunction: { files: string; lines: number; exceptions: Readonly<Record<string, number>> };
  /** Files that may not do without a module. */
  mustImport: { files: string; what: string }[];
  forbiddenNames: string[];
  /** Words that no file name and no exported identifier contains, each with the usual term. */
  privateWords: Readonly<Record<string, string>>;
  /** Files of which a framework wants them where they are, although they only re-export. */
  mayReExport: string[];
}

interface Module extends ModuleFacts {
  file: string;
  room: Room | undefined;
  edges: { to: string; line: number; isTypeOnly: boolean }[];
  packages: { name: string; line: number }[];
}

/** Every breach of the rules below `root`, each a sentence that begins with the place. */
export function checkArchitecture(root: string, rules: Rules): string[] {
  const files = filesBelow(root);
  const modules = new Map<string, Module>();
  for (const file of files.filter((each) => isChecked(each, rules))) {
    modules.set(file, { ...resolveImports(root, file, files), room: undefined });
  }
  const browser = browserFiles(modules);
  for (const module of modules.values()) {
    module.room = rules.rooms.find(
      (room) => isMatch(module.file, room.files) && (!room.inBrowser || browser.has(module.file)),
    );
  }
  return [
    ...[...modules.values()].flatMap((module) => [
      ...edgeBreaches(module, modules),
      ...useBreaches(module, rules),
      ...wordBreaches(module, rules),
      ...rules.mustImport
        .filter(
          ({ files, what }) => isMatch(module.file, files) && !module.edges.some(({ to }) => to === what),
        )
        .map(({ what }) => `${module.file}: it must import ${what}`),
      ...(module.isBarrel && !isMatch(module.file, rules.mayReExport)
        ? [`${module.file}: it only re-exports; import from where things are`]
        : []),
    ]),
    ...functionBreaches([...modules.values()], rules),
    ...cycleBreaches(modules),
    ...files.flatMap((file) => [...nameBreaches(file, rules), ...lengthBreaches(root, file, rules)]),
  ].sort();
}

function edgeBreaches(module: Module, modules: Map<string, Module>): string[] {
  const { room, file } = module;
  if (!room) return [`${file}: no row of the import table fits it; add one`];
  const wrongEdges = module.edges
    .filter(({ to }) => modules.get(to)?.room !== room && !isMatch(to, room.imports))
    .map(({ to, line }) => `${file}:${line}: ${nameOf(room)} may not import ${to}`);
  const wrongPackages = module.packages
    .filter(({ name }) => !room.packages.includes('*') && !room.packages.includes(name))
    .map(({ name, line }) => `${file}:${line}: ${nameOf(room)} may not import the package ${name}`);
  return [...wrongEdges, ...wrongPackages];
}

function nameOf(room: Room): string {
  return room.inBrowser ? `${room.files} in the browser` : room.files;
}

function useBreaches(module: Module, rules: Rules): string[] {
  const allowed = rules.mayUse.filter(({ files }) => isMatch(module.file, files)).flatMap(({ what }) => what);
  return module.uses
    .filter(({ what }) => !allowed.includes(what))
    .map(({ what, line }) => `${module.file}:${line}: ${what} is not used here`);
}

function cycleBreaches(modules: Map<string, Module>): string[] {
  const edges = new Map([...modules].map(([file, module]) => [file, module.edges.map(({ to }) => to)]));
  return findCycles(edges).map((cycle) => `${cycle[0]}: a cycle of imports: ${cycle.join(' → ')}`);
}

function nameBreaches(file: string, rules: Rules): string[] {
  const words = file.split(/[/.-]/);
  return rules.forbiddenNames
    .filter((name) => words.includes(name))
    .map((name) => `${file}: "${name}" says nothing; name it for what it is`);
}

function wordBreaches({ file, exports }: Module, { privateWords }: Rules): string[] {
  const isPrivate = (word: string) => Object.hasOwn(privateWords, word);
  const inPath = file.split(/[/.()[\]-]+/).filter(isPrivate);
  const inExports = exports.flatMap(({ name, line }) =>
    name
      .split(/(?=[A-Z])/)
      .map((word) => word.toLowerCase())
      .filter(isPrivate)
      .map((word) => `${file}:${line}: "${word}" in ${name} is a private word; use ${privateWords[word]}`),
  );
  return [
    ...inPath.map((word) => `${file}: "${word}" is a private word; use ${privateWords[word]}`),
    ...inExports,
  ];
}

/** An exception is for one function, and says how long that is now. */
function functionBreaches(modules: Module[], { longestFunction }: Rules): string[] {
  const { files, lines: most, exceptions } = longestFunction;
  const long = modules
    .filter(({ file }) => isMatch(file, files))
    .flatMap(({ file, functions }) =>
      functions.map((each) => ({ ...each, key: `${file} ${each.name}`, file })),
    )
    .filter(({ lines }) => lines > most)
    .sort((one, other) => other.lines - one.lines);
  const tooLong = long
    .filter(({ key, lines }, index) => {
      const isLongestOfItsName = long.findIndex((each) => each.key === key) === index;
      return lines > (isLongestOfItsName ? (exceptions[key] ?? most) : most);
    })
    .map(({ file, line, name, key, lines }) => {
      const limit = exceptions[key] ?? most;
      return lines > limit
        ? `${file}:${line}: ${name} has ${lines} lines, at most ${limit}; split it by idea`
        : `${file}:${line}: ${name} has ${lines} lines, and its exception is for a longer one of this name; split it by idea`;
    });
  const outdated = Object.entries(exceptions).flatMap(([key, limit]) => {
    const found = long.find((each) => each.key === key);
    if (!found) return [`${key}: no function of this name is too long there; remove its exception`];
    return found.lines < limit
      ? [`${key}: it has ${found.lines} lines; lower its exception of ${limit}`]
      : [];
  });
  return [...tooLong, ...outdated];
}

function lengthBreaches(root: string, file: string, rules: Rules): string[] {
  const limit = rules.longest.find(({ files }) => isMatch(file, files))?.lines;
  if (limit === undefined) return [];
  const lines = readFileSync(path.join(root, file), 'utf8').trimEnd().split('\n').length;
  return lines > limit ? [`${file}: ${lines} lines, at most ${limit}; split it by idea`] : [];
}

function resolveImports(root: string, file: string, files: string[]): Omit<Module, 'room'> {
  const facts = readModule(file, readFileSync(path.join(root, file), 'utf8'));
  const known = new Set(files);
  const module: Omit<Module, 'room'> = { ...facts, file, edges: [], packages: [] };
  for (const { target, line, isTypeOnly } of facts.imports) {
    const local = target.startsWith('.')
      ? path.posix.join(path.posix.dirname(file), target)
      : target.startsWith('@/')
        ? target.slice(2)
        : null;
    if (local === null) module.packages.push({ name: packageName(target), line });
    else module.edges.push({ to: resolveFile(local, known), line, isTypeOnly });
  }
  return module;
}

function resolveFile(local: string, known: Set<string>): string {
  const endings = ['', '.ts', '.tsx', '.mjs', '/index.ts', '/index.tsx'];
  return endings.map((ending) => local + ending).find((each) => known.has(each)) ?? `${local}.ts`;
}

function packageName(target: string): string {
  if (target.startsWith('node:') || builtinModules.includes(target)) return 'node:';
  return target
    .split('/')
    .slice(0, target.startsWith('@') ? 2 : 1)
    .join('/');
}

/** The client files, and all that they import when they run. */
function browserFiles(modules: Map<string, Module>): Set<string> {
  const found = new Set<string>();
  const add = (file: string): void => {
    if (found.has(file)) return;
    found.add(file);
    for (const edge of modules.get(file)?.edges ?? []) if (!edge.isTypeOnly) add(edge.to);
  };
  for (const module of modules.values()) if (module.isClient) add(module.file);
  return found;
}

function isChecked(file: string, rules: Rules): boolean {
  return /\.(ts|tsx|mjs)$/.test(file) && !file.endsWith('.d.ts') && isMatch(file, rules.checked);
}

function filesBelow(root: string, folder = ''): string[] {
  return readdirSync(path.join(root, folder)).flatMap((name) => {
    const file = path.posix.join(folder, name);
    if (name === 'node_modules' || name.startsWith('.')) return [];
    if (statSync(path.join(root, file)).isDirectory()) return filesBelow(root, file);
    return [file];
  });
}

/** Parentheses and brackets of Next's folders are names here. */
function isMatch(file: string, globs: string | string[]): boolean {
  return picomatch.isMatch(file, typeof globs === 'string' ? escapeFolders(globs) : globs.map(escapeFolders));
}

const escapeFolders = (glob: string): string => glob.replace('app/(console)/', 'app/\\(console\\)/');
