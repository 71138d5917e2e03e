import { expect, it } from 'vitest';
import { typedVariables } from '@/app/(console)/launch/variable-fields';
import { launchRequestOf } from '@/lib/cli/run/launch-options';

it('the command line says variables and images of one launch, with any number of equals signs', () => {
  const request = launchRequestOf('shop', {
    var: ['tag=1.5', 'query=a=b', 'empty='],
    image: ['api=shop/api:x'],
  });
  expect(request).toMatchObject({
    vars: { tag: '1.5', query: 'a=b', empty: '' },
    images: { api: 'shop/api:x' },
  });
  expect(launchRequestOf('shop', { only: ['smoke', 'lint'] })).toMatchObject({
    onlySteps: ['smoke', 'lint'],
  });
  expect(launchRequestOf('shop', {})).not.toHaveProperty('onlySteps');
  expect(launchRequestOf('shop', {})).not.toHaveProperty('vars');
  expect(() => launchRequestOf('shop', { var: ['tag'] })).toThrow('Expected KEY=VALUE, found tag.');
});

it('the command line reads secrets where it runs, and takes no value', () => {
  const env = { DEPLOY_TOKEN: 'from-env', EMPTY: '' };
  const secretsOf = (...secret: string[]) => launchRequestOf('shop', { secret }, env).secrets;
  expect(secretsOf('TOKEN=env:DEPLOY_TOKEN')).toEqual({ TOKEN: 'from-env' });
  expect(() => secretsOf('TOKEN=env:EMPTY')).toThrow(
    '--secret TOKEN: the environment of this command has no EMPTY.',
  );
  expect(() => secretsOf('TOKEN=file:/nowhere')).toThrow('--secret TOKEN: /nowhere cannot be read.');
  expect(() => secretsOf('TOKEN=hunter2')).toThrow(
    '--secret: expected TOKEN=env:NAME or TOKEN=file:PATH. A value itself would be in the list of processes.',
  );
});

it('the launch page sends what was typed for variables that the suite has', () => {
  const defaults = { tag: 'latest', size: '1' };
  expect(typedVariables(defaults, { tag: '2', size: '', other: 'x', toString: 'y' })).toEqual({ tag: '2' });
  expect(typedVariables(defaults, { size: '' })).toBeNull();
});
