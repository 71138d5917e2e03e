'use client';

import { useEffect, useRef, useState } from 'react';
import { fieldClass } from './field';
import { useKeys } from './use-keys';

interface SearchFieldProps {
  label: string;
  placeholder: string;
  value: string;
  onChange: (text: string) => void;
  id?: string;
  maxLength?: number;
}

/** A change from outside within so long after a letter is an earlier letter that has come around. */
const typingMs = 1_000;

/** Finds as one types. `/` goes there, Escape leaves. */
export function SearchField({ label, placeholder, value, onChange, id, maxLength }: SearchFieldProps) {
  const field = useRef<HTMLInputElement>(null);
  // What is typed stands at once: the value may be in the address, which changes a little later.
  const [text, setText] = useState(value);
  const typed = useRef({ text: value, atMs: Number.NEGATIVE_INFINITY });
  useEffect(() => {
    // All that was typed has come around: the next change is somebody else's, such as Back's.
    if (typed.current.text === value) typed.current.atMs = Number.NEGATIVE_INFINITY;
    const isTyping =
      document.activeElement === field.current && performance.now() - typed.current.atMs < typingMs;
    if (!isTyping) setText(value);
  }, [value]);
  useKeys({ '/': () => field.current?.focus() });
  return (
    <input
      ref={field}
      id={id}
      maxLength={maxLength}
      type="search"
      value={text}
      onChange={(event) => {
        setText(event.target.value);
        typed.current = { text: event.target.value, atMs: performance.now() };
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
