/**
 * The origin under which the client reached Gantry, through a proxy that says how it was reached as well; null when the
 * request does not tell.
 */
export function publicOrigin(headers: { get(name: string): string | null }): string | null {
  const first = (name: string) => headers.get(name)?.split(',', 1)[0]?.trim();
  const host = first('x-forwarded-host') || first('host');
  const protocol = first('x-forwarded-proto') === 'https' ? 'https' : 'http';
  const url = `${protocol}://${host}`;
  return host && URL.canParse(url) && new URL(url).host === host.toLowerCase() ? url : null;
}
