import { createHash } from 'node:crypto';
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import { AppError } from '../model/errors';

/** How many wrong passwords are taken. */
export interface SignInLimits {
  /**
   * Counts a try before its password is looked at, so that many at a time are no way around the limit. Rejects with
   * `too_many_requests`, in the same way whether there is such an account or not.
   */
  admit(account: string, address: string | null): Promise<void>;
  /** The password was right: the tries of this account from this address no longer count. */
  forgive(account: string, address: string | null): Promise<void>;
}

const quarterHour = 15 * 60;

/** In the memory of this process: with several control planes the limits hold for each of them. */
export function createSignInLimits(): SignInLimits {
  const limiters = {
    accountFromAddress: new RateLimiterMemory({ keyPrefix: 'both', points: 10, duration: quarterHour }),
    account: new RateLimiterMemory({ keyPrefix: 'account', points: 100, duration: 60 * 60 }),
    address: new RateLimiterMemory({ keyPrefix: 'address', points: 100, duration: quarterHour }),
  };
  const keysOf = (account: string, address: string | null) => ({
    accountFromAddress: digest(`${account}\n${address}`),
    account: digest(account),
    address: digest(String(address)),
  });
  return {
    async admit(account, address) {
      const keys = keysOf(account, address);
      // The address first: who tries many accounts from one address fills no memory with them.
      for (const name of ['address', 'accountFromAddress', 'account'] as const) {
        try {
          await limiters[name].consume(keys[name]);
        } catch (reason) {
          if (!(reason instanceof RateLimiterRes)) throw reason;
          const minutes = Math.max(1, Math.ceil(reason.msBeforeNext / 60_000));
          throw new AppError(
            'too_many_requests',
            `There were too many tries to sign in. Try again in ${minutes} minutes.`,
          );
        }
      }
    },
    async forgive(account, address) {
      const keys = keysOf(account, address);
      await limiters.accountFromAddress.delete(keys.accountFromAddress);
      await limiters.account.reward(keys.account);
      await limiters.address.reward(keys.address);
    },
  };
}

/** Keys of one length, whatever was typed. */
function digest(text: string): string {
  return createHash('sha256').update(text).digest('base64url');
}
