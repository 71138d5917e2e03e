/**
 * For a container's command, arguments, variables and probes, where Kubernetes would put variables in the place of
 * `$(NAME)` and one `$` in that of two. Lifecycle hooks are taken as they are.
 */
export function literal(text: string): string {
  return text.replaceAll('$', '$$$$');
}
