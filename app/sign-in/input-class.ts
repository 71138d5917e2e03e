/** Fields of the sign-in page. */
export const inputClass = 'h-8 rounded-md border border-line-strong bg-ground px-2';
