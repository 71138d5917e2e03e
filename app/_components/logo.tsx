/** The mark: a gantry with its load. */
export function Logo({ size = 20 }: { size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 24 24" fill="none" className="text-brand" aria-hidden="true">
      <path
        d="M3 21V5h18v16M3 9h18M12 9v4"
        stroke="currentColor"
        strokeWidth="2"
        strokeLinecap="round"
        strokeLinejoin="round"
      />
      <rect x="9" y="13" width="6" height="5" rx="1" fill="currentColor" />
    </svg>
  );
}
