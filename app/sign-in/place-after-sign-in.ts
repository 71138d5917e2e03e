/**
 * The address that `?next=` of the sign-in page at `href` leads to, whole, and only within the same site. It is read as
 * browsers read it, who drop control characters and take a backslash for a slash.
 */
export function placeAfterSignIn(href: string): string {
  const { origin, searchParams } = new URL(href);
  const next = searchParams.get('next') ?? '/';
  const place = next.startsWith('/') && URL.canParse(next, origin) ? new URL(next, origin) : null;
  return place?.origin === origin ? place.href : `${origin}/`;
}
