const WIDTH = 160;
const HEIGHT = 36;

/** The points of a line through values, oldest first, in a box of WIDTH × HEIGHT: pure. One value is a flat line. */
export function pointsOf(values: readonly number[]): string {
  const shown = values.length === 1 ? [...values, ...values] : values;
  const most = Math.max(...shown, 1e-9);
  return shown
    .map((value, place) => {
      const x = (WIDTH * place) / (shown.length - 1);
      const y = HEIGHT - 2 - (HEIGHT - 4) * (value / most);
      return `${x.toFixed(1)},${y.toFixed(1)}`;
    })
    .join(" ");
}

/** A small line without axes: whether it goes up or down. The figure itself stands above it. */
export function Chart({ label, values }: { label: string; values: readonly number[] }) {
  if (!values.length) return null;
  return (
    <svg className="chart" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" role="img" aria-label={label}>
      <polyline points={pointsOf(values)} fill="none" vectorEffect="non-scaling-stroke" />
    </svg>
  );
}
