/** How answers of the index are written: a line or two each, whole, or as Markdown. */
export const formats = ["brief", "full", "md"] as const
export type Format = (typeof formats)[number]
