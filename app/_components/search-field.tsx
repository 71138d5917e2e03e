'use client';

import { useRef } from 'react';
import { fieldClass } from './field';
import { useKeys } from './use-keys';

interface SearchFieldProps {
  label: string;
  placeholder: string;
  value: string;
  onChange: (text: string) => void;
}

/** Finds as one types. `/` goes there, Escape leaves. */
export function SearchField({ label, placeholder, value, onChange }: SearchFieldProps) {
  const field = useRef<HTMLInputElement>(null);
  useKeys({ '/': () => field.current?.focus() });
  return (
    <input
      ref={field}
      type="search"
      value={value}
      onChange={(event) => onChange(event.target.value)}
      onKeyDown={(event) => {
        if (event.key === 'Escape') event.currentTarget.blur();
      }}
      placeholder={placeholder}
      aria-label={label}
      className={`${fieldClass} w-64 max-w-full`}
    />
  );
}
