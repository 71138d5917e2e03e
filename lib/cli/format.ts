/** Rows of text as columns, two spaces apart; the last one is not filled up. */
export function formatTable(header: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const all = [header, ...rows];
  const widths = header.map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0)));
  return all.map((row) =>
    row
      .map((cell, column) => (column === row.length - 1 ? cell : cell.padEnd(widths[column] ?? 0)))
      .join('  ')
      .trimEnd(),
  );
}

/** As `12.3 s` or `2:05 min`. */
export function formatDuration(ms: number): string {
  if (ms < 60_000) return `${(ms / 1000).toFixed(1)} s`;
  return `${Math.floor(ms / 60_000)}:${String(Math.floor((ms % 60_000) / 1000)).padStart(2, '0')} min`;
}

/** How long ago in its largest unit, as `5 min`. */
export function formatAge(ms: number): string {
  const units = [
    [86_400_000, 'd'],
    [3_600_000, 'h'],
    [60_000, 'min'],
  ] as const;
  const unit = units.find(([unitMs]) => ms >= unitMs);
  return unit ? `${Math.floor(ms / unit[0])} ${unit[1]}` : `${Math.max(0, Math.floor(ms / 1000))} s`;
}

/** A status as people read it. */
export function statusWords(status: string): string {
  return status.replace('_', ' ');
}
