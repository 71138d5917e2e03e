/** Where one can go; the letter goes there after `g`. */
export const navItems = [
  { href: '/', label: 'Overview', letter: 'o' },
  { href: '/launch', label: 'Launch', letter: 'l' },
  { href: '/executions', label: 'Executions', letter: 'e' },
  { href: '/suites', label: 'Suites', letter: 'u' },
  { href: '/cases', label: 'Tests', letter: 't' },
  { href: '/schedules', label: 'Schedules', letter: 'h' },
  { href: '/environments', label: 'Environments', letter: 'v' },
  { href: '/agents', label: 'Agents', letter: 'a' },
  { href: '/settings', label: 'Settings', letter: 's' },
] as const;

export type NavPath = (typeof navItems)[number]['href'];

export function isCurrentPath(href: string, pathname: string): boolean {
  return href === '/' ? pathname === '/' : pathname === href || pathname.startsWith(`${href}/`);
}
