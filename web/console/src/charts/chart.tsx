// A chart of a few series over time: lines and columns in SVG. The keyboard reads it point by point, and so does
// whoever does not see it.

import { useId, useMemo, useRef, useState, type KeyboardEvent, type PointerEvent } from "react";
import "./chart.css";

export interface Series {
  label: string;
  /** A name of the chart's palette. */
  tone: "one" | "two" | "three" | "bad";
  points: number[];
}

interface Props {
  title: string;
  series: Series[];
  from: string;
  stepSeconds: number;
  kind: "line" | "columns";
  unit: string;
}

const WIDTH = 600;
const HEIGHT = 132;
const CLOCK = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit" });
const DAY = new Intl.DateTimeFormat("en-GB", { weekday: "short", day: "numeric", month: "short" });

/** The next number that reads well on an axis. */
function roof(most: number): number {
  if (most <= 4) return 4;
  const size = 10 ** Math.floor(Math.log10(most));
  const found = [1, 2, 4, 5, 10].find((step) => step * size >= most) ?? 10;
  return found * size;
}

export function short(number: number): string {
  if (number < 10_000) return number.toLocaleString("en");
  return number < 1_000_000 ? `${Math.round(number / 100) / 10}k` : `${Math.round(number / 100_000) / 10}M`;
}

export function Chart({ title, series, from, stepSeconds, kind, unit }: Props) {
  const count = Math.max(0, ...series.map(({ points }) => points.length));
  const sums = useMemo(
    () =>
      Array.from({ length: count }, (_, index) =>
        series.reduce((sum, { points }) => sum + (points[index] ?? 0), 0),
      ),
    [series, count],
  );
  const most = roof(Math.max(...(kind === "columns" ? sums : series.flatMap(({ points }) => points)), 0));
  const [at, setAt] = useState<number | null>(null);
  const box = useRef<HTMLDivElement>(null);
  const id = useId();
  const start = Date.parse(from);
  const when = (index: number) => new Date(start + index * stepSeconds * 1000);
  const x = (index: number) => (count < 2 ? 0 : (index / (count - 1)) * WIDTH);
  const y = (value: number) => HEIGHT - (value / most) * HEIGHT;
  const total = sums.reduce((sum, value) => sum + value, 0);

  const point = (event: PointerEvent) => {
    const { left, width } = box.current!.getBoundingClientRect();
    setAt(Math.max(0, Math.min(count - 1, Math.round(((event.clientX - left) / width) * (count - 1)))));
  };
  const press = (event: KeyboardEvent) => {
    const now = at ?? count - 1;
    const to: Record<string, number> = { ArrowLeft: now - 1, ArrowRight: now + 1, Home: 0, End: count - 1 };
    if (event.key === "Escape") setAt(null);
    if (!(event.key in to)) return;
    event.preventDefault();
    setAt(Math.max(0, Math.min(count - 1, to[event.key]!)));
  };
  const said =
    at === null
      ? ""
      : `${DAY.format(when(at))} ${CLOCK.format(when(at))}: ${series.map(({ label, points }) => `${label} ${points[at] ?? 0}`).join(", ")}`;
  const ticks = [0, Math.floor((count - 1) / 2), count - 1].filter((index) => index >= 0);
  return (
    <figure className="chart">
      <figcaption className="row wrap apart">
        <span className="strong">{title}</span>
        <span className="legend">
          {series.length > 1
            ? series.map(({ label, tone }) => (
                <span key={label} className={`key ${tone}`}>
                  {label}
                </span>
              ))
            : null}
          <span className="muted small number">
            {short(total)} {unit}
          </span>
        </span>
      </figcaption>
      <div
        ref={box}
        className="plot"
        role="slider"
        tabIndex={0}
        aria-label={`${title}: ${total.toLocaleString("en")} ${unit}. Arrow keys read it point by point.`}
        aria-valuemin={0}
        aria-valuemax={Math.max(0, count - 1)}
        aria-valuenow={at ?? Math.max(0, count - 1)}
        aria-valuetext={said || `${total.toLocaleString("en")} ${unit} in all`}
        onPointerMove={point}
        onPointerLeave={() => setAt(null)}
        onBlur={() => setAt(null)}
        onKeyDown={press}
      >
        <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" aria-hidden>
          {[0, 0.5, 1].map((part) => (
            <line key={part} className="grid" x1={0} x2={WIDTH} y1={HEIGHT * part} y2={HEIGHT * part} />
          ))}
          {kind === "columns" ? (
            <Columns series={series} count={count} y={y} />
          ) : (
            <Lines series={series} x={x} y={y} id={id} />
          )}
          {at === null ? null : <line className="cursor" x1={x(at)} x2={x(at)} y1={0} y2={HEIGHT} />}
        </svg>
        <span className="most number">{short(most)}</span>
        {at === null ? null : (
          <span
            className={`reading ${at > count / 2 ? "before" : ""}`}
            style={{ left: `${(x(at) / WIDTH) * 100}%` }}
          >
            <span className="muted">
              {DAY.format(when(at))}, {CLOCK.format(when(at))}
            </span>
            {series.map(({ label, points, tone }) => (
              <span key={label} className={`key ${tone}`}>
                {label} <b className="number">{(points[at] ?? 0).toLocaleString("en")}</b>
              </span>
            ))}
          </span>
        )}
      </div>
      <div className="axis muted number" aria-hidden>
        {ticks.map((index) => (
          <span key={index}>{CLOCK.format(when(index))}</span>
        ))}
      </div>
    </figure>
  );
}

function Lines({
  series,
  x,
  y,
  id,
}: {
  series: Series[];
  x: (i: number) => number;
  y: (v: number) => number;
  id: string;
}) {
  return (
    <>
      {series.map(({ label, tone, points }, order) => {
        const path = points
          .map((value, index) => `${index ? "L" : "M"}${x(index).toFixed(1)} ${y(value).toFixed(1)}`)
          .join("");
        return (
          <g key={label} className={`series ${tone}`} data-id={id}>
            {order === 0 ? <path className="area" d={`${path}L${WIDTH} ${HEIGHT}L0 ${HEIGHT}Z`} /> : null}
            <path className="stroke" d={path} />
          </g>
        );
      })}
    </>
  );
}

function Columns({ series, count, y }: { series: Series[]; count: number; y: (v: number) => number }) {
  const width = WIDTH / Math.max(1, count);
  return (
    <>
      {Array.from({ length: count }, (_, index) => {
        let below = 0;
        return series.map(({ label, tone, points }) => {
          const value = points[index] ?? 0;
          const top = y(below + value);
          const height = y(below) - top;
          below += value;
          return (
            <rect
              key={label + index}
              className={`series ${tone}`}
              x={index * width + width * 0.14}
              width={width * 0.72}
              y={top}
              height={Math.max(0, height)}
            />
          );
        });
      })}
    </>
  );
}
