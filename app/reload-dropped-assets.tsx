/**
 * Loads a script or style sheet of the page again that the browser has dropped, three times at most. Chromium drops what
 * is on its way when any network of the machine comes or goes (ERR_NETWORK_CHANGED), as with each run on a local Docker;
 * without its scripts a page looks well and hears nothing. What a script loads later is loaded again by Next's own loader,
 * which has set `onerror`.
 */
export function ReloadDroppedAssets({ nonce }: { nonce: string | undefined }) {
  // biome-ignore lint/security/noDangerouslySetInnerHtml: our own text, which has to run before any other script
  return <script nonce={nonce} suppressHydrationWarning dangerouslySetInnerHTML={{ __html: program }} />;
}

const program = `addEventListener('error', ({ target }) => {
  const isScript = target instanceof HTMLScriptElement && target.src && !target.onerror;
  const isStyle = target instanceof HTMLLinkElement && target.rel === 'stylesheet' && !target.onerror;
  const before = Number((isScript || isStyle) && (target.dataset.again ?? 0));
  if (!(isScript || isStyle) || before >= 3) return;
  setTimeout(() => {
    const again = document.createElement(target.localName);
    for (const { name, value } of target.attributes) again.setAttribute(name, value);
    if (target.nonce) again.nonce = target.nonce;
    again.dataset.again = String(before + 1);
    target.after(again);
  }, 300 * (before + 1));
}, true);`;
