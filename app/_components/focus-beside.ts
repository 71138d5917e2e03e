/**
 * The item of a list whose button this is goes: the focus moves to the last button of the next one, of the one before
 * when it was the last, or to the element with the id `otherwise` when there is no other.
 */
export function focusBeside(button: HTMLElement, otherwise: string): void {
  const item = button.closest('li');
  const beside = item?.nextElementSibling ?? item?.previousElementSibling;
  const target = [...(beside?.querySelectorAll('button') ?? [])].at(-1);
  (target ?? document.getElementById(otherwise))?.focus();
}
