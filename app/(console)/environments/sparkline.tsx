const width = 64;
const height = 18;

/** A line of what was, the newest on the right. Decorative: the newest value stands beside it. */
export function Sparkline({ values }: { values: number[] }) {
  const most = Math.max(...values, 0.0001);
  const step = width / 39;
  const start = width - (values.length - 1) * step;
  const points = values.map(
    (value, at) =>
      `${(start + at * step).toFixed(1)},${(height - 1.5 - (value / most) * (height - 3)).toFixed(1)}`,
  );
  return (
    <svg
      width={width}
      height={height}
      viewBox={`0 0 ${width} ${height}`}
      aria-hidden="true"
      className="shrink-0"
    >
      <line x1="0" y1={height - 0.5} x2={width} y2={height - 0.5} stroke="var(--line)" />
      {values.length > 1 ? (
        <polyline points={points.join(' ')} fill="none" stroke="var(--ink-2)" strokeWidth="1.25" />
      ) : null}
    </svg>
  );
}
