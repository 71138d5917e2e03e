import { z } from 'zod';

/** A pinned dependency: in a suite root, in a Git repository, or on an OCI registry. */
export const dependencyRef = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('suite'),
    /** A suite's id or its repository. */
    name: z.string(),
    version: z.string(),
  }),
  z.object({
    type: z.literal('git'),
    url: z.string(),
    /** A commit's full hash, or a tag. */
    revision: z.string(),
    /** The suite's folder within the repository; null: its root. */
    path: z.string().nullable(),
  }),
  z.object({
    type: z.literal('oci'),
    /** With its port, if it has one. */
    host: z.string(),
    repository: z.string(),
    /** Digest of the manifest: `sha256:…`. */
    digest: z.string(),
  }),
]);
export type DependencyRef = z.infer<typeof dependencyRef>;

const textPlace = z.object({ line: z.int(), column: z.int() });
export type TextPlace = z.infer<typeof textPlace>;

/** One entry of `dependencies.yaml`. */
export const dependency = z.object({
  alias: z.string(),
  ref: dependencyRef,
  /** Null: the child's default profile. */
  profile: z.string().nullable(),
  /** Variables for all steps of the child. */
  inputs: z.record(z.string(), z.string()),
  /** Where `dependencies.yaml` says so. */
  place: textPlace,
  profilePlace: textPlace,
});
export type Dependency = z.infer<typeof dependency>;

/** One entry of `dependencies.lock.yaml`. */
export const lockedDependency = z.object({
  alias: z.string(),
  /** The ref as `formatRef` writes it. */
  ref: z.string(),
  /** A Git commit, an OCI digest, or the same as `ref`. */
  resolved: z.string(),
  /** Digest of the child's package: `sha256:…`. */
  digest: z.string(),
  /** Digests by path, to name changed files: the beginning of a SHA-256 over mode and content. */
  files: z.record(z.string(), z.string()),
});
export type LockedDependency = z.infer<typeof lockedDependency>;
