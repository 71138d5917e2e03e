'use client';

import { useState } from 'react';
import { Button } from '@/app/_components/button';
import { CopyId } from '@/app/_components/copy-id';
import { Empty } from '@/app/_components/notice';
import { count, formatBytes } from '@/app/_components/quantities';
import type { SuiteDetails } from '@/lib/model/suite-details';
import { Digest } from './digest';

/** More than anybody reads, and what a page draws at once. */
const maxFiles = 500;

/** What every step finds at /suite. */
export function Files({ suite }: { suite: SuiteDetails }) {
  const [isWhole, setIsWhole] = useState(false);
  const { files, packageDigest, folder } = suite;
  if (files.length === 0)
    return (
      <Empty title="The package is not read while the suite has errors">
        <p>
          Its folder is <code className="break-all">{folder}</code>
        </p>
      </Empty>
    );
  const shown = isWhole ? files : files.slice(0, maxFiles);
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
  return (
    <div className="flex flex-col gap-3 p-4">
      <div className="text-ink-2">
        <p>
          {count(files.length, 'file')}, {formatBytes(bytes)}: every step finds them at <code>/suite</code>,
          read-only. The folder is <CopyId id={folder} />
        </p>
        {packageDigest ? (
          <p>
            The digest is <Digest digest={packageDigest} />
          </p>
        ) : null}
      </div>
      <div className="panel overflow-x-auto">
        <table className="w-full">
          <thead>
            <tr className="border-line border-b text-left">
              <th className="label px-3 py-1.5">File</th>
              <th className="label px-3 py-1.5 text-right">Size</th>
            </tr>
          </thead>
          <tbody className="divide-y divide-line">
            {shown.map((file) => (
              <tr key={file.path}>
                <td className="px-3 py-1.5">
                  <code className="break-all">{file.path}</code>
                  {file.executable ? <span className="ml-2 text-ink-2 text-xs">executable</span> : null}
                </td>
                <td className="whitespace-nowrap px-3 py-1.5 text-right text-ink-2">
                  {formatBytes(file.bytes)}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {shown.length < files.length ? (
        <Button className="self-center" onClick={() => setIsWhole(true)}>
          Show all {files.length}
        </Button>
      ) : null}
    </div>
  );
}
