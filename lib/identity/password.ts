import { hash, verify } from '@node-rs/argon2';
import commonPasswords from 'fxa-common-password-list';
import { AppError } from '../model/errors';

/** The least that OWASP's password storage cheat sheet asks of Argon2id: 19 MiB, two passes, one lane. */
const costs = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };
const minLength = 10;

/** The hash of a text that nobody knows: what is compared with it takes as long as with a real one. */
const nobodysHash =
  '$argon2id$v=19$m=19456,t=2,p=1$QreDwpcT6fQLDz4lQtHR4Q$Ym86ooNAIq0r5j7mTN8cLFikboyU0upeAxEcYey3W28';

/** Argon2id with a salt of its own. */
export function hashPassword(password: string): Promise<string> {
  return hash(normalize(password), costs);
}

/** False too where there is no hash, after the same time: an answer does not show who has a password. */
export async function isPassword(password: string, passwordHash: string | null): Promise<boolean> {
  const isSame = await verify(passwordHash ?? nobodysHash, normalize(password));
  return isSame && passwordHash !== null;
}

/** Throws AppError `bad_request` for a password that is too short, among the commonest, or made of what is known of its owner. */
export function checkPassword(password: string, known: readonly (string | null)[]): void {
  const text = normalize(password);
  const refuse = (message: string) => {
    throw new AppError('bad_request', `The password is not accepted: ${message}.`, {
      issues: [{ path: 'password', message }],
    });
  };
  const length = [...text].length;
  if (length < minLength) refuse(`expected at least ${minLength} characters, found ${length}`);
  if (new Set(text).size < 4) refuse('expected at least four different characters');
  const lower = text.toLowerCase();
  if (commonPasswords.test(lower)) refuse('it is one of the commonest; choose one that nobody else has');
  const names = known.flatMap((each) => (each ? [each.toLowerCase(), each.toLowerCase().split('@')[0]] : []));
  if (
    names.some((name) => name && name.length >= 4 && lower.replace(/\d+$/, '') === name) ||
    names.includes(lower)
  )
    refuse('it is a name or an e-mail address with digits at most');
}

/** Keyboards write the same letter in several ways. */
function normalize(password: string): string {
  return password.normalize('NFKC');
}
