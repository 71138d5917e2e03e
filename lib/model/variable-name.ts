/**
 * Fits the name of a variable that a container takes: anything but `=` and control characters. A shell reads only those
 * of letters, digits and `_`, without a digit first.
 */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are the ones that no name may have.
export const variableNamePattern = /^(?!__proto__$)[^=\u0000-\u001f\u007f]{1,200}$/;

/** Fits the names that a shell can read; some shells do not even pass the others on. */
export const shellVariablePattern = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** Fits the names that Kubernetes takes on every version. */
export const kubernetesVariablePattern = /^[-._a-zA-Z][-._a-zA-Z0-9]*$/;
