import { neededPermissions, type Permission } from '../model/kubernetes-permissions';

/**
 * The least that the Kubernetes backend needs, as manifests for `kubectl apply -f -`: in one shared namespace, or for a
 * namespace per execution in the whole cluster. `account` is `NAMESPACE/NAME`.
 */
export function kubernetesRbac(namespace: string | null, account: string): string {
  const [home = '', name = ''] = account.split('/');
  if (home === '' || name === '') throw new Error(`expected an account as NAMESPACE/NAME, found ${account}`);
  const kind = namespace === null ? 'ClusterRole' : 'Role';
  const place = namespace === null ? [] : [`  namespace: ${namespace}`];
  const rules = neededPermissions({ namespace }).flatMap(ruleOf);
  return [
    ['apiVersion: v1', 'kind: ServiceAccount', 'metadata:', `  name: ${name}`, `  namespace: ${home}`],
    [
      'apiVersion: rbac.authorization.k8s.io/v1',
      `kind: ${kind}`,
      'metadata:',
      '  name: gantry',
      ...place,
      'rules:',
      ...rules,
    ],
    [
      'apiVersion: rbac.authorization.k8s.io/v1',
      `kind: ${kind}Binding`,
      'metadata:',
      '  name: gantry',
      ...place,
      'roleRef:',
      '  apiGroup: rbac.authorization.k8s.io',
      `  kind: ${kind}`,
      '  name: gantry',
      'subjects:',
      '  - kind: ServiceAccount',
      `    name: ${name}`,
      `    namespace: ${home}`,
    ],
  ]
    .map((lines) => lines.join('\n'))
    .join('\n---\n');
}

function ruleOf({ group, resource, verbs, why }: Permission): string[] {
  return [
    `  # ${why}`,
    `  - apiGroups: ["${group}"]`,
    `    resources: ["${resource}"]`,
    `    verbs: [${verbs.map((verb) => `"${verb}"`).join(', ')}]`,
  ];
}
