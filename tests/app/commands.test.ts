import { expect, it } from 'vitest';
import { findCommands } from '@/app/_components/commands';

const commands = [
  { title: 'Executions', kind: 'page', href: '/executions' },
  { title: 'Launch Storefront', kind: 'launch', href: '/launch?suite=storefront' },
  { title: 'Storefront', kind: 'suite', href: '/suites/storefront' },
  { title: 'Storefront 1a2b', kind: 'failed', href: '/executions/1a2b' },
];
const titles = (text: string) => findCommands(commands, text).map(({ title }) => title);

it('finds commands by every word of title and kind, those that begin with the text first', () => {
  expect(titles('store')).toEqual(['Storefront', 'Storefront 1a2b', 'Launch Storefront']);
  expect(titles('FAILED store')).toEqual(['Storefront 1a2b']);
  expect(titles('nothing')).toEqual([]);
  expect(titles('')).toHaveLength(4);
});
