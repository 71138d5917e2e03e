import { createHash } from 'node:crypto';
import type { ExecutionStatus } from '../model/status';
import type { RouteRequest } from './route-request';

/** The state of a suite that a badge shows: how its last execution ended, that none has, or that its files have errors. */
export type BadgeState = ExecutionStatus | 'none' | 'invalid';

/** White text on each has a contrast of at least 4.5 to 1. */
const looks: Record<BadgeState, { words: string; colour: string }> = {
  passed: { words: 'passed', colour: '#1a7f37' },
  failed: { words: 'failed', colour: '#cf222e' },
  errored: { words: 'errored', colour: '#8f3fbf' },
  timed_out: { words: 'timed out', colour: '#8f5f00' },
  cancelled: { words: 'cancelled', colour: '#57606a' },
  queued: { words: 'queued', colour: '#57606a' },
  running: { words: 'running', colour: '#57606a' },
  none: { words: 'no result', colour: '#57606a' },
  invalid: { words: 'invalid', colour: '#cf222e' },
};
const labelColour = '#24292f';
const height = 20;
const padding = 7;

/** Draws a badge: a label, and beside it the state. Both are texts; the label may come from anybody. */
export function drawBadge(label: string, state: BadgeState): string {
  const { words, colour } = looks[state];
  const left = widthOf(label);
  const right = widthOf(words);
  const [labelBox, stateBox] = [left + 2 * padding, right + 2 * padding];
  const whole = labelBox + stateBox;
  const name = escapeXml(`${label}: ${words}`);
  const text = (at: number, width: number, content: string) =>
    `<text x="${at}" y="14" textLength="${width}">${escapeXml(content)}</text>`;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${whole}" height="${height}" role="img" aria-label="${name}">`,
    `<title>${name}</title>`,
    `<clipPath id="r"><rect width="${whole}" height="${height}" rx="4"/></clipPath>`,
    `<g clip-path="url(#r)"><rect width="${labelBox}" height="${height}" fill="${labelColour}"/>`,
    `<rect x="${labelBox}" width="${stateBox}" height="${height}" fill="${colour}"/></g>`,
    `<g fill="#fff" font-family="Verdana,DejaVu Sans,sans-serif" font-size="11">`,
    `${text(padding, left, label)}${text(labelBox + padding, right, words)}</g></svg>`,
  ].join('');
}

/**
 * Answers a badge that caches may keep for a minute, or 304. `isPublic`: those of others, too, such as the proxies for
 * images of code hosts.
 */
export function answerBadge(
  request: Pick<RouteRequest, 'headers'>,
  svg: string,
  isPublic: boolean,
): Response {
  const etag = `"${createHash('sha256').update(svg).digest('base64url')}"`;
  const headers = {
    etag,
    'cache-control': `${isPublic ? 'public' : 'private'}, max-age=60`,
    ...(isPublic ? {} : { vary: 'authorization, cookie' }),
  };
  const known = request.headers.get('if-none-match')?.split(',') ?? [];
  if (known.some((tag) => tag.trim().replace(/^W\//, '') === etag))
    return new Response(null, { status: 304, headers });
  return new Response(svg, { headers: { ...headers, 'content-type': 'image/svg+xml; charset=utf-8' } });
}

/** In pixels, as Verdana has it; `textLength` makes other fonts fit. */
function widthOf(text: string): number {
  let width = 0;
  for (const character of text) {
    if (/[iIjl.,:;'|! ()[\]ft/-]/.test(character)) width += 4.6;
    else if (/[mwMW@%]/.test(character)) width += 10.4;
    else if (/[A-Z]/.test(character)) width += 7.8;
    else width += character > '\u2e7f' ? 11 : 6.9;
  }
  return Math.ceil(width);
}

/** Also leaves out what no XML may contain. */
function escapeXml(text: string): string {
  return (
    text
      // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what XML refuses.
      .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '')
      .replaceAll('&', '&amp;')
      .replaceAll('<', '&lt;')
      .replaceAll('>', '&gt;')
      .replaceAll('"', '&quot;')
  );
}
