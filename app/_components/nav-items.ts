import {
  Boxes,
  CalendarClock,
  FlaskConical,
  LayoutDashboard,
  ListChecks,
  Rocket,
  Server,
  Settings,
  Workflow,
} from 'lucide-react';

/** Where one can go; the letter goes there after `g`. */
export const navItems = [
  { href: '/', label: 'Overview', letter: 'o', icon: LayoutDashboard },
  { href: '/launch', label: 'Launch', letter: 'l', icon: Rocket },
  { href: '/executions', label: 'Executions', letter: 'e', icon: ListChecks },
  { href: '/suites', label: 'Suites', letter: 'u', icon: Workflow },
  { href: '/cases', label: 'Tests', letter: 't', icon: FlaskConical },
  { href: '/schedules', label: 'Schedules', letter: 'h', icon: CalendarClock },
  { href: '/environments', label: 'Environments', letter: 'v', icon: Boxes },
  { href: '/agents', label: 'Agents', letter: 'a', icon: Server },
  { href: '/settings', label: 'Settings', letter: 's', icon: Settings },
] as const;

export function isCurrentPath(href: string, pathname: string): boolean {
  return href === '/' ? pathname === '/' : pathname === href || pathname.startsWith(`${href}/`);
}
