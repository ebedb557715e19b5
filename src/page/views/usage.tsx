import type { VNode } from "preact"
import { useEffect, useState } from "preact/hooks"
import { ask } from "../data/api.ts"
import type { TokenSum, UsageDocument } from "../data/documents.ts"
import { folderOf, numberOf } from "../data/words.ts"

interface Bar {
  readonly name: string
  readonly sum: TokenSum
}

const maxBars = 60
const maxNamed = 20

export function UsagePage({ home }: { home: string }): VNode {
  const [usage, setUsage] = useState<UsageDocument | null>(null)
  const [trouble, setTrouble] = useState<string | null>(null)
  useEffect(() => {
    ask<UsageDocument>("/api/usage").then(setUsage, (error: Error) => setTrouble(error.message))
  }, [])
  if (usage === null)
    return (
      <main>
        <h1>Usage</h1>
        <p role="status">{trouble ?? "Reading the transcripts …"}</p>
      </main>
    )
  const days = usage.days
    .map(({ day, ...sum }) => ({ name: day, sum }))
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
    .slice(-maxBars)
  const sums = [
    ["Today", usage.today],
    ["Last 7 days", usage.last7Days],
    ["All", usage.all],
  ] as const
  return (
    <main>
      <h1>Usage</h1>
      <dl class="sums">
        {sums.map(([name, sum]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{sum === null ? "–" : `${numberOf(sum.total)} tokens`}</dd>
          </div>
        ))}
      </dl>
      <h2>By day</h2>
      <DayChart bars={days} />
      <Table bars={days.toReversed()} first="Day" />
      <h2>By model</h2>
      <Table
        bars={usage.models.map(({ model, ...sum }) => ({ name: model ?? "unknown", sum }))}
        first="Model"
      />
      <h2>By project</h2>
      <Table
        bars={usage.projects.map(({ project, ...sum }) => ({ name: folderOf(project, home), sum }))}
        first="Project"
      />
    </main>
  )
}

const height = 160
const step = 14

/** Bars by day, drawn as SVG; the table below has the same numbers. */
function DayChart({ bars }: { bars: readonly Bar[] }): VNode {
  const most = Math.max(1, ...bars.map(({ sum }) => sum.total))
  const width = Math.max(1, bars.length) * step
  const text = `Tokens by day, at most ${numberOf(most)}`
  return (
    <svg
      class="chart"
      viewBox={`0 0 ${width} ${height}`}
      preserveAspectRatio="none"
      role="img"
      aria-label={text}
    >
      {bars.map(({ name, sum }, index) => {
        const tall = (sum.total / most) * (height - 4)
        return (
          <rect key={name} x={index * step + 1} y={height - tall} width={step - 3} height={tall}>
            <title>{`${name}: ${numberOf(sum.total)}`}</title>
          </rect>
        )
      })}
    </svg>
  )
}

function Table({ bars, first }: { bars: readonly Bar[]; first: string }): VNode {
  const most = Math.max(1, ...bars.map(({ sum }) => sum.total))
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
              <th scope="row">
                {name}
                <meter value={sum.total} max={most} aria-label={`share of ${name}`} />
              </th>
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
