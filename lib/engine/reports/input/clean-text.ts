/** The characters that XML 1.0 does not have, section 2.2. PostgreSQL refuses one of them, NUL. */
const forbidden = /[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu;

/** The same with every surrogate in it, which is several times as fast. */
const mayBeForbidden = /[^\t\n\r\u0020-\ud7ff\ue000-\ufffd]/;

/** The text with control characters as the pictures that Unicode has of them, and U+FFFD for what is no character. */
export function cleanText(text: string): string {
  return mayBeForbidden.test(text) ? text.replace(forbidden, pictureOf) : text;
}

export function pictureOf(char: string): string {
  const code = char.codePointAt(0) ?? 0;
  return code < 0x20 ? String.fromCharCode(0x2400 + code) : '\ufffd';
}
