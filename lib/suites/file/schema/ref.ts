import type { DependencyRef } from '../../../model/dependency';

/** The outcome of parsing a ref: what it refers to, or what is wrong with the ref or with the separate version. */
type Parsed = { ref: DependencyRef } | { problem: string; of: 'ref' | 'version' };

const gitUrl = /^(git\+(file|https?|ssh):\/\/|(https?|ssh|git):\/\/|[\w.-]+@[\w.-]+:(?!\/\/))/;

/** Tells whether a text begins as the URL of a Git repository does. */
export function isGitUrl(text: string): boolean {
  return gitUrl.test(text);
}

const safeText = /^[\w.~+/-]+$/;

/**
 * Parses `id:version`, `repository:version`, a Git URL with `#commit` or `#tag` and perhaps `?path=folder`, or
 * `oci://host/repository@sha256:…`. With a version given apart, the text is a suite's id, its repository or a Git URL.
 */
export function parseRef(text: string, version: string | null): Parsed {
  if (/\s/.test(text)) return wrong('a ref has no spaces in it');
  if (text.startsWith('oci://')) return parseOci(text, version);
  const hash = text.indexOf('#');
  if (hash >= 0) return parseGit(text.slice(0, hash), text.slice(hash + 1), version);
  if (text.startsWith('git+')) {
    return version === null ? unpinned('add "#" and a commit or a tag') : parseGit(text, version, null);
  }
  if (version !== null) return suiteRef(text, version);
  const colon = text.lastIndexOf(':');
  const isUrl = gitUrl.test(text);
  const hasVersion = colon > 0 && !text.slice(colon).startsWith('://') && !text.slice(colon).includes('/');
  if (!hasVersion) {
    return unpinned(isUrl ? 'add "#" and a commit or a tag' : `add a version, as in ${text}:1.0.0`);
  }
  return suiteRef(text.slice(0, colon), text.slice(colon + 1));
}

function suiteRef(name: string, version: string): Parsed {
  if (version === 'latest') return latest;
  if (!safeText.test(version)) return wrong(`"${version}" is not a version`);
  if (!/^[\w.~+/:@-]+$/.test(name)) return wrong(`"${name}" is neither a suite's id nor a repository`);
  return hasPassword(name) ? withPassword : { ref: { type: 'suite', name, version } };
}

function parseGit(address: string, revision: string, version: string | null): Parsed {
  if (version !== null && version !== revision) {
    return wrong(`the ref says "${revision}" and "version" says "${version}"; say it once`);
  }
  if (revision === 'latest' || revision === 'HEAD') return latest;
  if (!safeText.test(revision) || revision.startsWith('-') || revision.includes('..')) {
    return wrong(`"${revision}" is neither a commit nor a tag`);
  }
  const [url = '', query] = address.split('?', 2);
  if (!gitUrl.test(url)) return wrong(`"${url}" is not the URL of a Git repository`);
  if (hasPassword(url)) return withPassword;
  const path = query === undefined ? null : (/^path=([\w.~/-]+)$/.exec(query)?.[1] ?? '');
  if (path !== null && (path === '' || path.startsWith('/') || path.split('/').includes('..'))) {
    return wrong(`expected "?path=" and a folder within the repository, found "?${query}"`);
  }
  return { ref: { type: 'git', url, revision, path } };
}

function parseOci(text: string, version: string | null): Parsed {
  const match = /^oci:\/\/([\w.-]+(?::\d+)?)\/([a-z0-9._/-]+?)(?:@(sha256:[0-9a-f]{64}))?$/.exec(text);
  const digest = match?.[3] ?? version;
  if (match?.[1] && match[2] && digest && /^sha256:[0-9a-f]{64}$/.test(digest)) {
    return { ref: { type: 'oci', host: match[1], repository: match[2], digest } };
  }
  return unpinned('"gantry push" tells the digest: oci://host/repository@sha256:…');
}

const latest: Parsed = {
  problem: '"latest" is another one tomorrow: name a version, a tag, a commit or a digest',
  of: 'version',
};
const withPassword = wrong(
  'a ref is stored and shown: leave the password out and use a credential helper of Git',
);

function unpinned(how: string): Parsed {
  return wrong(`it is not pinned: ${how}`);
}

function wrong(problem: string): Parsed {
  return { problem, of: 'ref' };
}

function hasPassword(url: string): boolean {
  return /^[\w+]+:\/\/[^/]*:[^/]*@/.test(url);
}
