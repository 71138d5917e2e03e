import { CopyCommand } from '@/app/_components/copy-command';
import type { SuiteDetails } from '@/lib/model/suite-details';

/** The badge of the suite, and the line that shows it elsewhere. */
export function Badge({ suite: { id, title, publicBadge } }: { suite: SuiteDetails }) {
  const path = `/api/v1/suites/${encodeURIComponent(id)}/badge`;
  const { origin } = window.location;
  const alt = title.replace(/[\\[\]]/g, '\\$&');
  const line = `[![${alt}](${origin}${path})](${origin}/suites/${encodeURIComponent(id)})`;
  return (
    <section aria-label="Badge" className="flex flex-col gap-2">
      <div className="flex flex-wrap items-center gap-3">
        <h2 className="label">Badge</h2>
        {/* biome-ignore lint/performance/noImgElement: it is an SVG of this server, to which there is nothing to add. */}
        <img src={path} alt={`Last result of ${title}`} height={20} className="h-5" />
        <p className="text-ink-2">
          {publicBadge ? (
            'Everybody may see it. In Markdown:'
          ) : (
            <>
              Only people and tokens with access to this suite can see it, unless its suite.yaml has{' '}
              <code>public_badge: true</code>. In Markdown:
            </>
          )}
        </p>
      </div>
      <CopyCommand command={line} />
    </section>
  );
}
