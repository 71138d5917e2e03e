import type { KubernetesSettings } from '../../model/kubernetes-settings';
import type { CreationContext } from './creation';

export interface EnvironmentContext extends CreationContext {
  settings: KubernetesSettings;
}
