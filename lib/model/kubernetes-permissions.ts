import type { KubernetesSettings } from './kubernetes-settings';

export interface Permission {
  group: string;
  /** With its subresource, e.g. `pods/log`. */
  resource: string;
  verbs: string[];
  /** The feature that needs the permission. */
  why: string;
  /** Namespaces themselves are never in one. */
  isClusterWide: boolean;
  /** Steps run without it. */
  isOptional: boolean;
}

/** All that the backend asks of a cluster, and nothing more: what is checked, and what `gantry kubernetes rbac` prints. */
export function neededPermissions({
  namespace,
  quota = true,
}: Pick<KubernetesSettings, 'namespace'> & Partial<Pick<KubernetesSettings, 'quota'>>): Permission[] {
  const need = (resource: string, verbs: string[], why: string, group = ''): Permission => ({
    group,
    resource,
    verbs,
    why,
    isClusterWide: resource === 'namespaces' || resource === 'nodes',
    isOptional: false,
  });
  // A namespace of an execution takes all with it when it is deleted.
  const inShared = (...verbs: string[]) => (namespace === null ? [] : verbs);
  const mayHave = (...permission: Parameters<typeof need>) => ({ ...need(...permission), isOptional: true });
  return [
    ...(namespace === null
      ? [
          need(
            'namespaces',
            ['create', 'get', 'list', 'patch', 'delete'],
            'give each execution its own namespace',
          ),
          need('serviceaccounts', ['get'], 'wait for the account of a new namespace'),
          ...(quota
            ? [need('resourcequotas', ['create', 'get'], 'limit an execution to what its suite states')]
            : []),
          mayHave('nodes', ['list'], 'name the runtimes, and the taints that keep a step from every node'),
        ]
      : ['resourcequotas', 'limitranges'].map((resource) =>
          mayHave(resource, ['list'], 'say before a launch what the namespace wants steps to state'),
        )),
    need('pods', ['create', 'get', 'list', 'watch', 'delete'], 'run steps'),
    need('pods/log', ['get'], 'read what steps print'),
    // WebSockets begin with a GET; newer clusters ask for create as well.
    need('pods/exec', ['create', 'get'], 'stop steps, fetch their artifacts and run commands in them'),
    need('services', ['create', 'get', 'list', ...inShared('delete')], 'let steps reach services'),
    need(
      'secrets',
      ['create', 'get', 'list', ...inShared('patch', 'delete')],
      'hand packages and secrets to steps',
    ),
    need('events', ['list'], 'say why a pod does not get ready'),
    need(
      'networkpolicies',
      ['create', 'get', ...inShared('list', 'delete')],
      'keep executions apart',
      'networking.k8s.io',
    ),
    mayHave('pods', ['list'], 'show what steps use, where the cluster measures it', 'metrics.k8s.io'),
  ];
}
