import type { VNode } from "preact"
import { useEffect, useState } from "preact/hooks"
import { ask } from "../data/api.ts"
import type { UsageDocument } from "../data/documents.ts"
import { folderOf, numberOf } from "../data/words.ts"
import { DayChart, ShareChart, UsageTable } from "./usage-charts.tsx"

const maxDays = 60

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
    .slice(-maxDays)
  const models = usage.models.map(({ model, ...sum }) => ({ name: model ?? "unknown", sum }))
  const projects = usage.projects.map(({ project, ...sum }) => ({ name: folderOf(project, home), sum }))
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
      <p class="where">
        {days.length === 0
          ? "Nothing is recorded."
          : `Days with use, ${days[0]?.name} to ${days.at(-1)?.name}`}
      </p>
      <UsageTable bars={days.toReversed()} first="Day" />
      <h2>By model</h2>
      <ShareChart bars={models} what="model" />
      <UsageTable bars={models} first="Model" />
      <h2>By project</h2>
      <ShareChart bars={projects} what="project" />
      <UsageTable bars={projects} first="Project" />
    </main>
  )
}
