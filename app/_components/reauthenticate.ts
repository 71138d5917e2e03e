/** Asks the person to show again who they are. Resolves with whether they did. */
type Ask = () => Promise<boolean>;

let ask: Ask | null = null;
let asked: Promise<boolean> | null = null;

/** Says how people are asked, from now on. Returns how to take that back. */
export function reauthenticateWith(next: Ask): () => void {
  ask = next;
  return () => {
    if (ask === next) ask = null;
  };
}

/** Requests that need it at the same time ask once. Resolves with false where nobody can be asked. */
export function reauthenticate(): Promise<boolean> {
  if (!ask) return Promise.resolve(false);
  asked ??= ask().finally(() => {
    asked = null;
  });
  return asked;
}

/** The name of the identity provider's window, and of the channel on which it tells the pages how it went. */
export const reauthenticationChannel = 'gantry-reauthentication';

/** Says in the identity provider's window that the person is back; `problem`: why they were not signed in. */
export function reportToOpener(problem: string | null): void {
  const channel = new BroadcastChannel(reauthenticationChannel);
  channel.postMessage(problem);
  channel.close();
}
