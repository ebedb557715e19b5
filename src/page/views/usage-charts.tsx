import type { VNode } from "preact"
import type { TokenSum } from "../data/documents.ts"
import { numberOf } from "../data/words.ts"

export interface UsageBar {
  readonly name: string
  readonly sum: TokenSum
}

/** Rows of a picture, and of the table that has the same numbers. */
const maxNamed = 20
const dayHeight = 160
const dayWidth = 14

/** Bars by day; the table below has the same numbers. */
export function DayChart({ bars }: { bars: readonly UsageBar[] }): VNode {
  const most = greatest(bars)
  const width = Math.max(1, bars.length) * dayWidth
  return (
    <svg
      class="chart days"
      viewBox={`0 0 ${width} ${dayHeight}`}
      preserveAspectRatio="none"
      role="img"
      aria-label={`Tokens by day, at most ${numberOf(most)}`}
    >
      {bars.map(({ name, sum }, index) => {
        const tall = (sum.total / most) * (dayHeight - 4)
        return (
          <rect key={name} x={index * dayWidth + 1} y={dayHeight - tall} width={dayWidth - 3} height={tall}>
            <title>{`${name}: ${numberOf(sum.total)}`}</title>
          </rect>
        )
      })}
    </svg>
  )
}

const rowHeight = 22
const barHeight = 10

/** A bar for each name, the longest first: its part of all tokens. */
export function ShareChart({ bars, what }: { bars: readonly UsageBar[]; what: string }): VNode {
  const shown = bars.slice(0, maxNamed)
  const most = greatest(shown)
  return (
    <svg
      class="chart shares"
      height={Math.max(1, shown.length) * rowHeight}
      role="img"
      aria-label={`Tokens by ${what}: ${shown.map(({ name, sum }) => `${name} ${numberOf(sum.total)}`).join(", ")}`}
    >
      {shown.map(({ name, sum }, index) => (
        <g key={name}>
          <text x="4" y={index * rowHeight + 10}>
            {name}
          </text>
          <rect
            x="0"
            y={index * rowHeight + rowHeight - barHeight + 1}
            width={`${Math.max(0.2, (sum.total / most) * 100)}%`}
            height={barHeight - 4}
          >
            <title>{`${name}: ${numberOf(sum.total)}`}</title>
          </rect>
        </g>
      ))}
    </svg>
  )
}

function greatest(bars: readonly UsageBar[]): number {
  return Math.max(1, ...bars.map(({ sum }) => sum.total))
}

export function UsageTable({ bars, first }: { bars: readonly UsageBar[]; first: string }): VNode {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, and a keyboard has to be able to
    <section class="wide" tabIndex={0} aria-label={`Tokens, ${first}`}>
      <table>
        <thead>
          <tr>
            {[first, "Total", "Input", "To cache", "From cache", "Output", "Answers"].map((name) => (
              <th key={name} scope="col">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {bars.slice(0, maxNamed).map(({ name, sum }) => (
            <tr key={name}>
              <th scope="row">{name}</th>
              {[sum.total, sum.input, sum.cacheWrite, sum.cacheRead, sum.output, sum.answers].map(
                (value, column) => (
                  <td key={column}>{numberOf(value)}</td>
                ),
              )}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  )
}
