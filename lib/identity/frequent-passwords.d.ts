declare module 'fxa-common-password-list' {
  /** `test`: whether this is one of the commonest passwords. */
  const list: { test(password: string): boolean };
  export default list;
}
