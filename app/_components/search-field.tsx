'use client';

import { useEffect, useRef, useState } from 'react';
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
  // What is typed stands at once: the value may be in the address, which changes a little later.
  const [text, setText] = useState(value);
  useEffect(() => {
    if (document.activeElement !== field.current) setText(value);
  }, [value]);
  useKeys({ '/': () => field.current?.focus() });
  return (
    <input
      ref={field}
      type="search"
      value={text}
      onChange={(event) => {
        setText(event.target.value);
        onChange(event.target.value);
      }}
      onKeyDown={(event) => {
        if (event.key !== 'Escape') return;
        // Chromium would empty the field.
        event.preventDefault();
        event.currentTarget.blur();
      }}
      placeholder={placeholder}
      aria-label={label}
      className={`${fieldClass} w-64 max-w-full`}
    />
  );
}
