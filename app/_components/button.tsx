import type { ButtonHTMLAttributes } from 'react';

const looks = {
  primary: 'bg-accent text-on-accent border-transparent hover:opacity-90',
  plain: 'bg-surface text-ink border-line-strong hover:bg-sunken',
  danger: 'bg-surface text-failed border-line-strong hover:bg-sunken',
  quiet: 'bg-transparent text-ink-2 border-transparent hover:bg-sunken hover:text-ink',
};

interface ButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  variant?: keyof typeof looks;
}

export const buttonClass = (look: keyof typeof looks = 'plain') =>
  `inline-flex h-8 items-center justify-center gap-2 whitespace-nowrap rounded-md border px-3 font-[550] transition-colors disabled:cursor-not-allowed disabled:opacity-50 ${looks[look]}`;

export function Button({ variant = 'plain', type = 'button', className = '', ...rest }: ButtonProps) {
  return <button type={type} className={`${buttonClass(variant)} ${className}`} {...rest} />;
}
