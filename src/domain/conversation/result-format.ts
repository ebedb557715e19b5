/** Formats of index results: one or two lines each, full text, or Markdown. */
export const formats = ["brief", "full", "md"] as const
export type Format = (typeof formats)[number]
