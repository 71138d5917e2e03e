/** Below this a line of a secret of several lines stands in other text by chance: `{`, `}`, `EOF`. */
const minLineLength = 8;
/** Where `base64`, OpenSSL and PEM break their lines. */
const base64Columns = [76, 64];

/**
 * The texts by which a secret may show up, none with a line ending in it: as it is, escaped for JSON (also twice),
 * URLs, HTML and shells, in hex, and in base64 at any shift within a longer text.
 */
export function secretForms(secret: string): string[] {
  const forms = new Set<string>();
  for (const part of partsOf(secret)) {
    for (const form of [part, ...jsonForms(part), ...urlForms(part), ...htmlForms(part), shellForm(part)]) {
      forms.add(form);
    }
    const bytes = new TextEncoder().encode(part);
    const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
    for (const form of [hex, hex.toUpperCase(), ...base64Forms(bytes)]) forms.add(form);
  }
  return [...forms].filter((form) => form.length > 0 && !/[\r\n]/.test(form));
}

/** The whole, and what a program that trims it or prints it line by line shows. */
function partsOf(secret: string): Set<string> {
  const lines = secret.split(/\r?\n/).map((line) => line.trim());
  const long = lines.length > 1 ? lines.filter((line) => line.length >= minLineLength) : [];
  return new Set([secret, secret.trim(), ...long]);
}

function jsonForms(text: string): string[] {
  const plain = jsonText(text);
  const ascii = plain.replace(/[^\x20-\x7e]/g, (char) => `\\u${hex4(char)}`);
  const slashes = plain.replaceAll('/', '\\/');
  // As Go and others do, so that the text can stand in HTML.
  const markup = plain.replace(/[<>&]/g, (char) => `\\u${hex4(char)}`);
  const each = [plain, ascii, slashes, markup];
  return [...each, ...each.map(upperEscapes), ...each.map(jsonText)];
}

function jsonText(text: string): string {
  return JSON.stringify(text).slice(1, -1);
}

function hex4(char: string): string {
  return char.charCodeAt(0).toString(16).padStart(4, '0');
}

function upperEscapes(text: string): string {
  return text.replace(/\\u([0-9a-f]{4})/g, (_, digits: string) => `\\u${digits.toUpperCase()}`);
}

function urlForms(text: string): string[] {
  // A lone surrogate cannot be encoded; programs send what UTF-8 makes of it.
  const whole = new TextDecoder().decode(new TextEncoder().encode(text));
  const component = encodeURIComponent(whole);
  const strict = component.replace(
    /[!'()*~]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  const each = [
    component,
    strict,
    encodeURI(whole),
    component.replaceAll('%20', '+'),
    strict.replaceAll('%20', '+'),
  ];
  const every = Array.from(
    new TextEncoder().encode(text),
    (byte) => `%${byte.toString(16).padStart(2, '0')}`,
  ).join('');
  return [...each, every, every.toUpperCase()].flatMap((form) => [form, lowerPercents(form)]);
}

function lowerPercents(text: string): string {
  return text.replace(/%[0-9A-F]{2}/g, (code) => code.toLowerCase());
}

/** Writers of HTML and XML differ in what they escape, and how: Go has `&#34;`, many leave `>` as it is. */
function htmlForms(text: string): string[] {
  const base = text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
  let forms = [base, base.replaceAll('>', '&gt;')];
  for (const [quote, escapes] of [
    ['"', ['&quot;', '&#34;', '&#x22;']],
    ["'", ['&#39;', '&#x27;', '&apos;']],
  ] as const) {
    if (!text.includes(quote)) continue;
    forms = forms.flatMap((form) => [form, ...escapes.map((each) => form.replaceAll(quote, each))]);
  }
  return forms;
}

/** Within single quotes, as `set -x` and many programs print it. */
function shellForm(text: string): string {
  return text.replaceAll("'", "'\\''");
}

/** The characters that the secret alone decides, for each of the three places at which it may begin. */
function base64Forms(bytes: Uint8Array): string[] {
  const forms: string[] = [];
  for (const shift of [0, 1, 2]) {
    const padded = new Uint8Array(shift + bytes.length);
    padded.set(bytes, shift);
    const encoded = btoa(binaryText(padded));
    const decided = encoded.slice(Math.ceil((shift * 8) / 6), Math.floor((padded.length * 8) / 6));
    const urlSafe = decided.replaceAll('+', '-').replaceAll('/', '_');
    forms.push(decided, urlSafe, ...urlForms(decided), decided.replaceAll('/', '\\/'));
    if (shift === 0) forms.push(...brokenLines(decided));
  }
  return forms;
}

function brokenLines(encoded: string): string[] {
  return base64Columns.flatMap((columns) => {
    if (encoded.length <= columns) return [];
    const lines: string[] = [];
    for (let start = 0; start < encoded.length; start += columns)
      lines.push(encoded.slice(start, start + columns));
    return lines.filter((line) => line.length >= minLineLength);
  });
}

/** Each byte as the character of its number. */
export function binaryText(bytes: Uint8Array): string {
  let text = '';
  for (let start = 0; start < bytes.length; start += 8192) {
    text += String.fromCharCode(...bytes.subarray(start, start + 8192));
  }
  return text;
}
